#include "script_test/test_case.hh"

#include <atomic>
#include <utility>

#include "base/clock.hh"
#include "base/log.hh"
#include "base/random.hh"

namespace opensips::script_test {
namespace {

constexpr std::uint64_t kBegin = 1'000'000;  // ms, by the monotonic clock

/// Where lines of the log go while a case lives.
std::atomic<Journal*> journal_of_log = nullptr;

void take_line(base::LogLevel level, std::string_view text) {
  if (auto* const journal = journal_of_log.load()) journal->log(level, std::string(text));
}

}  // namespace

TestCase::TestCase(std::vector<std::string> mpath, std::int64_t wall_seconds, std::uint64_t seed)
    : mpath_(std::move(mpath)), began_wall_(wall_seconds), tables_(mpath_) {
  base::set_clocks(kBegin, wall_seconds);
  base::seed_random(seed);
  journal_.begin();
  journal_of_log.store(&journal_);
  base::log_divert(take_line);
}

TestCase::~TestCase() {
  server_.reset();
  base::log_divert(nullptr);
  journal_of_log.store(nullptr);
  base::seed_random(std::nullopt);
  base::set_clocks(0, 0);
}

std::expected<void, std::string> TestCase::start(const std::string& config,
                                                 const std::string& text) {
  auto made = TestServer::make({config, text, mpath_}, answers_, tables_, journal_);
  if (!made) return std::unexpected(std::move(made.error()));
  server_ = std::move(*made);
  return {};
}

std::uint64_t TestCase::now() {
  return base::monotonic_ms();
}

void TestCase::advance_to(std::uint64_t now_ms) {
  base::set_clocks(now_ms, began_wall_ + static_cast<std::int64_t>((now_ms - kBegin) / 1000));
  if (server_) server_->advance_to(now_ms);
}

}  // namespace opensips::script_test
