#include "l6_location/contact_writer.hh"

#include <algorithm>
#include <utility>

namespace opensips::location {
namespace {

using storage::Error;

/// The next try after one that failed.
constexpr std::uint64_t kRetryMs = 1000;
/// Between looks for what is to be deleted, where a REGISTER waits for what it writes.
constexpr std::uint64_t kTidyMs = 1000;
/// The server is stopping: all of it may take so long.
constexpr std::chrono::milliseconds kLastWrites{2500};

}  // namespace

ContactWriter::ContactWriter(loop::Context& context, std::shared_ptr<loop::Mailbox> me,
                             ContactStore& store)
    : context_(context),
      me_(std::move(me)),
      store_(store),
      counters_(context.statistics),
      self_(std::make_shared<ContactWriter*>(this)) {}

ContactWriter::~ContactWriter() {
  *self_ = nullptr;
  settle(false);
  write_all_and_wait();
}

void ContactWriter::start() {
  const auto& options = store_.options();
  wait(options.mode == StoreMode::write_through ? kTidyMs : options.period_ms);
}

void ContactWriter::wait(std::uint64_t ms) {
  context_.timers.arm(timer_, ms);
}

void ContactWriter::write() {
  if (!under_way_.notes.empty()) return;
  if (store_.options().mode == StoreMode::sql_only) return expire();
  auto queries = take_batch();
  if (queries.empty()) return start();
  timer_.cancel();
  store_.database().run({.queries = std::move(queries),
                         .to = me_,
                         .done = [this, alive = self_](const storage::Outcome& outcome) {
                           if (*alive) written(outcome);
                         }});
}

void ContactWriter::expire() {
  store_.database().run({.queries = {store_.expiring()},
                         .to = me_,
                         .done = [this, alive = self_](const storage::Outcome& outcome) {
                           if (!*alive) return;
                           if (!outcome) context_.stats.add(counters_.failed);
                           start();
                         }});
}

/// The next notes as statements; they are under way then.
std::vector<storage::Query> ContactWriter::take_batch() {
  under_way_ = store_.notes().take(alone_ > 0 ? 1 : store_.options().batch, store_.turns());
  std::vector<storage::Query> queries;
  queries.reserve(under_way_.notes.size());
  for (const auto& note : under_way_.notes) queries.push_back(store_.query_for(note));
  return queries;
}

void ContactWriter::written(const storage::Outcome& outcome) {
  if (outcome) {
    context_.stats.add(counters_.written, under_way_.notes.size());
    settle(true);
    return write();
  }
  context_.stats.add(counters_.failed);
  const Error& error = outcome.error();
  if (is_temporary(error.kind)) {
    base::log_limited(trouble_, base::LogLevel::warn, "contacts are not written yet: {}",
                      error.text);
    settle(false);
    return wait(kRetryMs);
  }
  if (under_way_.notes.size() > 1) {
    alone_ = under_way_.notes.size();
    settle(false);
    return write();
  }
  base::log_limited(trouble_, base::LogLevel::err, "a contact cannot be written: {}", error.text);
  context_.stats.add(counters_.refused);
  settle(true);
  write();
}

void ContactWriter::settle(bool written) {
  if (written) alone_ -= std::min(alone_, under_way_.notes.size());
  store_.notes().settle(std::exchange(under_way_, {}), written);
}

void ContactWriter::write_all_and_wait() {
  const auto until = std::chrono::steady_clock::now() + kLastWrites;
  for (auto queries = take_batch(); !queries.empty(); queries = take_batch()) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    const auto outcome =
        left.count() > 0
            ? store_.database().wait(std::move(queries), left)
            : storage::Outcome(std::unexpected(Error{Error::Kind::timed_out, "no time is left"}));
    if (!outcome && (is_temporary(outcome.error().kind) || under_way_.notes.size() == 1)) {
      base::log_error("{} contacts are not written: {}", store_.notes().size(),
                      outcome.error().text);
      return;
    }
    if (!outcome) alone_ = under_way_.notes.size();
    settle(outcome.has_value());
  }
}

}  // namespace opensips::location
