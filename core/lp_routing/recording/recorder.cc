#include "lp_routing/recording/recorder.hh"

#include <algorithm>
#include <chrono>
#include <semaphore>
#include <utility>

#include <fmt/format.h>

#include "base/clock.hh"
#include "base/log.hh"
#include "lp_routing/recording/worker_recorder.hh"

namespace opensips::routing::recording {
namespace {

using manage::CommandArguments;
using manage::CommandError;
using manage::CommandResult;

/// A worker that is stuck for longer is not waited for.
constexpr std::chrono::seconds kPatience{5};
constexpr std::int64_t kMostMegabytes = 1'000'000;

/// The first line: what a reader has to know of the server.
Json head(const transport::Sockets& sockets) {
  Json list = Json::array();
  for (std::uint16_t place = 0; place < sockets.size(); ++place) {
    const auto& one = sockets.at(place);
    list.push_back(
        {{"socket", fmt::format("{}:{}", base::name_of(one.transport), one.address.to_string())},
         {"host", one.host},
         {"port", one.port}});
  }
  return Json{{"opensips_record", 1}, {"time", base::wall_ms()}, {"sockets", std::move(list)}};
}

}  // namespace

Recorder::~Recorder() {
  static_cast<void>(stop());
}

std::expected<void, std::string> Recorder::start(Wish wish) {
  if (current()) return std::unexpected(current()->path() + " is being recorded");
  if (!wish.path.starts_with('/')) {
    return std::unexpected(fmt::format("'{}': expected a path that begins with /", wish.path));
  }
  auto file = RecordFile::make(wish.path, wish.most);
  if (!file) return std::unexpected(file.error());
  (*file)->add(head(sockets_).dump() + "\n");
  calls_ = sum(&Recording::calls);
  lines_ = sum(&Recording::lines);
  dropped_ = sum(&Recording::dropped);
  auto recording =
      std::make_shared<Recording>(++last_, base::monotonic_ms(), std::move(wish.filter), wish.calls,
                                  std::move(wish.path), *std::move(file));
  *last_one_.lock() = recording;
  *current_.lock() = std::move(recording);
  number_.store(last_, std::memory_order_release);
  return {};
}

/// Each worker leaves it between two of its turns, so that what a message has led to is in it whole
/// or not at all. A worker that is late may have begun with the next one.
void Recorder::detach_workers(std::uint64_t number) {
  const auto done = std::make_shared<std::counting_semaphore<>>(0);
  std::size_t count = 0;
  for (const auto members = members_.lock(); const Member& member : *members) {
    ++count;
    member.post([worker = member.worker, number, done] {
      worker->detach(number);
      done->release();
    });
  }
  const auto until = std::chrono::steady_clock::now() + kPatience;
  for (; count > 0; --count) static_cast<void>(done->try_acquire_until(until));
}

std::expected<std::shared_ptr<const Recording>, std::string> Recorder::stop() {
  const auto recording = std::exchange(*current_.lock(), nullptr);
  if (!recording) return nullptr;
  number_.store(0, std::memory_order_release);
  detach_workers(recording->number());
  if (auto trouble = recording->close(); !trouble.empty()) {
    return std::unexpected(fmt::format("{}: {}", recording->path(), trouble));
  }
  return recording;
}

void Recorder::join(WorkerRecorder& worker, Post post) {
  members_.lock()->push_back({&worker, std::move(post)});
}

void Recorder::leave(WorkerRecorder& worker) {
  worker.detach(worker.attached());
  std::erase_if(*members_.lock(), [&](const Member& one) { return one.worker == &worker; });
}

std::uint64_t Recorder::sum(std::uint64_t (Recording::*count)() const) const {
  const auto last = *last_one_.lock();
  const auto& before = count == &Recording::calls   ? calls_
                       : count == &Recording::lines ? lines_
                                                    : dropped_;
  return before + (last ? (*last.*count)() : 0);
}

CommandResult Recorder::start(const CommandArguments& given) {
  auto filter = CallFilter::read(given, 1);
  if (!filter) return std::unexpected(filter.error());
  const std::int64_t calls = given.has(5) ? given.integer(5) : 10'000;
  const std::int64_t megabytes = given.has(6) ? given.integer(6) : 1'000;
  if (calls < 1 || calls > static_cast<std::int64_t>(kMostCalls) || megabytes < 1 ||
      megabytes > kMostMegabytes) {
    return std::unexpected(CommandError{
        400, fmt::format("1 to {} calls and 1 to {} megabytes", kMostCalls, kMostMegabytes)});
  }
  const auto begun = start(Wish{given.text(0), *std::move(filter), static_cast<std::size_t>(calls),
                                static_cast<std::uint64_t>(megabytes) * 1'000'000});
  if (!begun) return std::unexpected(CommandError{400, begun.error()});
  base::log_notice("script: calls are recorded to {}: {} at the most", given.text(0), calls);
  return Json{{"file", given.text(0)}, {"calls", calls}, {"megabytes", megabytes}};
}

CommandResult Recorder::show() const {
  const auto last = *last_one_.lock();
  if (!last) return std::unexpected(CommandError{404, "nothing has been recorded"});
  Json shown{{"file", last->path()},
             {"recording", number() == last->number()},
             {"calls", last->calls()},
             {"lines", last->lines()},
             {"dropped", last->dropped()}};
  if (auto trouble = last->trouble(); !trouble.empty()) shown["trouble"] = std::move(trouble);
  return shown;
}

void Recorder::add_to(manage::Commands& commands) {
  using Type = manage::CommandParameter::Type;
  std::vector<manage::CommandParameter> parameters{
      {"file", Type::text, false, "that is made; for its owner alone"}};
  for (auto& one : CallFilter::parameters()) parameters.push_back(std::move(one));
  parameters.push_back({"calls", Type::integer, true, "at the most; else 10000"});
  parameters.push_back({"megabytes", Type::integer, true, "at the most; else 1000"});
  commands.add({.name = "script:record",
                .old_name = "",
                .doc = "Records calls that come from now on, for opensips replay: their messages, "
                       "and what their handlers asked and got.",
                .parameters = std::move(parameters),
                .run = [this](const CommandArguments& given) { return start(given); }});
  commands.add({.name = "script:record_off",
                .old_name = "",
                .doc = "Ends that: the file is whole.",
                .run = [this](const CommandArguments&) -> CommandResult {
                  const auto ended = stop();
                  if (!ended) return std::unexpected(CommandError{500, ended.error()});
                  if (!*ended) {
                    return std::unexpected(CommandError{404, "nothing is being recorded"});
                  }
                  return show();
                }});
  commands.add({.name = "script:record_show",
                .old_name = "",
                .doc = "What is being recorded, or was last.",
                .run = [this](const CommandArguments&) { return show(); }});
}

void Recorder::add_to(base::Stats& statistics) {
  statistics.function("script:recorded_calls", [this] { return sum(&Recording::calls); });
  statistics.function("script:recorded_lines", [this] { return sum(&Recording::lines); });
  statistics.function("script:record_dropped", [this] { return sum(&Recording::dropped); });
}

}  // namespace opensips::routing::recording
