#include "l3_dialog/dialog_keeper.hh"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "l3_dialog/dialog_row.hh"

namespace opensips::dialog {
namespace {

using storage::Error;

/// Nobody waits for a row to be written: it may take longer than what a call waits for.
constexpr std::chrono::seconds kWriteLimit{10};
/// The next try after one that failed.
constexpr std::uint64_t kRetryMs = 1000;
/// The server is stopping: all of it may take so long.
constexpr std::chrono::milliseconds kLastWrites{2500};
/// Ended dialogs whose rows cannot be deleted now. More are given up: their rows stay, and end with
/// their lifetime after a restart.
constexpr std::size_t kMostNotes = 1'000'000;

std::string replacing(const std::string& table) {
  std::string marks;
  for (auto left = std::ranges::count(dialog_columns(), ',') + 1; left > 0; --left) {
    marks += marks.empty() ? "?" : ", ?";
  }
  return fmt::format("REPLACE INTO {} ({}) VALUES ({})", table, dialog_columns(), marks);
}

}  // namespace

DialogKeeper::DialogKeeper(Dialogs& dialogs, storage::Database& database,
                           std::shared_ptr<loop::Mailbox> me, const KeeperOptions& options)
    : dialogs_(dialogs),
      database_(database),
      me_(std::move(me)),
      options_(options),
      replace_(storage::make_statement(replacing(options.table))),
      delete_(
          storage::make_statement(fmt::format("DELETE FROM {} WHERE dlg_id = ?", options.table))),
      counters_(dialogs.context().statistics),
      self_(std::make_shared<DialogKeeper*>(this)) {
  dialogs_.set_store(this);
}

DialogKeeper::~DialogKeeper() {
  dialogs_.set_store(nullptr);
  *self_ = nullptr;
  put_back();
  write_all_and_wait();
}

void DialogKeeper::changed(const Dialog& dialog, Change change) {
  if (restoring_) return;  // its row says so already
  if (held_ && change == Change::ended && ended_.size() < kMostNotes) ended_.insert(dialog.did);
  note(dialog.did, dialog.id, change);
  plan();
}

/// It may be one whose row has not been read yet.
void DialogKeeper::missed(std::string_view call_id) {
  if (held_ && ended_unknown_.size() < kMostNotes) ended_unknown_.emplace(call_id);
}

bool DialogKeeper::is_known(const DialogSnapshot& row) const {
  for (const auto* one = dialogs_.table().find(row.call_id, row.caller.tag); one; one = one->next) {
    if (one->did == row.did) return true;
  }
  return false;
}

DialogKeeper::Taken DialogKeeper::take(const DialogSnapshot& row) {
  if (is_known(row)) return Taken::known;
  const bool has_ended = ended_.contains(row.did) || ended_unknown_.contains(row.call_id);
  restoring_ = true;
  const bool restored = !has_ended && dialogs_.restore(row, dialogs_.settings().wall_ms());
  restoring_ = false;
  if (restored) return Taken::restored;
  note(row.did, {}, Change::ended);
  return Taken::over;
}

void DialogKeeper::hold() {
  held_ = true;
  const auto keep_in_mind = [this](std::uint64_t did, const Note& note) {
    if (note.ended) ended_.insert(did);
  };
  for (const auto& [did, note] : notes_) keep_in_mind(did, note);
  for (const auto& [did, note] : under_way_) keep_in_mind(did, note);
}

void DialogKeeper::release() {
  held_ = false;
  ended_.clear();
  ended_unknown_.clear();
  plan();
}

void DialogKeeper::note(std::uint64_t did, DialogId id, Change change) {
  const auto found = notes_.find(did);
  if (change == Change::ended) {
    const bool unwritten = found != notes_.end() && found->second.is_new;
    if (unwritten) {
      notes_.erase(found);
      dialogs_.context().stats.subtract(counters_.waiting);
      return;
    }
    if (found == notes_.end() && notes_.size() >= kMostNotes) {
      dialogs_.context().stats.add(counters_.lost);
      return;
    }
  }
  auto& entry = found != notes_.end() ? found->second : notes_[did];
  if (found == notes_.end()) {
    dialogs_.context().stats.add(counters_.waiting);
    entry.is_new = change == Change::established;
  }
  entry.id = id;
  entry.ended = change == Change::ended;
}

/// Sees to it that what is noted will be written.
void DialogKeeper::plan() {
  if (held_ || planned_ || !under_way_.empty() || notes_.empty()) return;
  if (options_.mode == DbMode::delayed) {
    if (!timer_.armed()) dialogs_.context().timers.arm(timer_, options_.period_ms);
  } else if (options_.mode == DbMode::realtime && !timer_.armed()) {
    planned_ = true;
    dialogs_.context().defer([this, alive = self_] {
      if (!*alive) return;
      planned_ = false;
      write();
    });
  }
}

void DialogKeeper::on_timer() {
  write();
}

void DialogKeeper::sync() {
  dialogs_.table().for_each([this](const Dialog& dialog) {
    if (is_established(dialog.state)) note(dialog.did, dialog.id, Change::updated);
  });
  syncing_ = true;
  write();
}

void DialogKeeper::write() {
  if (held_ || !under_way_.empty()) return;
  timer_.cancel();
  auto queries = take_batch();
  if (queries.empty()) {
    syncing_ = false;
    return;
  }
  database_.run({.queries = std::move(queries),
                 .key = key(),
                 .limit = kWriteLimit,
                 .to = me_,
                 .done = [this, alive = self_](const storage::Outcome& outcome) {
                   if (*alive) written(outcome);
                 }});
}

/// The next notes as statements; they are under way then.
std::vector<storage::Query> DialogKeeper::take_batch() {
  const std::size_t most = alone_ > 0 ? 1 : options_.batch;
  std::vector<storage::Query> queries;
  for (auto at = notes_.begin(); at != notes_.end() && queries.size() < most;
       at = notes_.erase(at)) {
    queries.push_back(query_for(at->first, at->second));
    under_way_.emplace_back(*at);
  }
  return queries;
}

storage::Query DialogKeeper::query_for(std::uint64_t did, const Note& note) const {
  const auto* const dialog = note.ended ? nullptr : dialogs_.find(note.id);
  if (!dialog) return {delete_, {static_cast<std::int64_t>(did)}};
  return {replace_, row_of(dialogs_.snapshot(*dialog, dialogs_.settings().wall_ms()))};
}

void DialogKeeper::written(const storage::Outcome& outcome) {
  auto& stats = dialogs_.context().stats;
  if (outcome) {
    stats.add(counters_.written, under_way_.size());
    end_batch(true);
    if (options_.mode != DbMode::shutdown || syncing_) write();
    return;
  }
  stats.add(counters_.failed);
  const Error& error = outcome.error();
  if (is_temporary(error.kind)) {
    base::log_limited(trouble_, base::LogLevel::warn, "dialogs are not written yet: {}",
                      error.text);
    end_batch(false);
    return dialogs_.context().timers.arm(timer_, kRetryMs);
  }
  if (under_way_.size() > 1) {
    alone_ = under_way_.size();
    end_batch(false);
    return write();
  }
  base::log_limited(trouble_, base::LogLevel::err, "a dialog cannot be written: {}", error.text);
  stats.add(counters_.refused);
  end_batch(true);
  write();
}

/// What is under way is done, or it is noted again: unless something newer is.
void DialogKeeper::end_batch(bool done) {
  if (done) {
    dialogs_.context().stats.subtract(counters_.waiting, under_way_.size());
    alone_ -= std::min(alone_, under_way_.size());
    under_way_.clear();
  } else {
    put_back();
  }
}

void DialogKeeper::put_back() {
  for (auto& [did, note] : under_way_) {
    note.is_new = false;  // it may have been written all the same
    if (!notes_.emplace(did, note).second) dialogs_.context().stats.subtract(counters_.waiting);
  }
  under_way_.clear();
}

void DialogKeeper::write_all_and_wait() {
  const auto until = std::chrono::steady_clock::now() + kLastWrites;
  while (!notes_.empty()) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    const auto outcome =
        left.count() > 0
            ? database_.wait(take_batch(), left, key())
            : storage::Outcome(std::unexpected(Error{Error::Kind::timed_out, "no time is left"}));
    if (!outcome && (is_temporary(outcome.error().kind) || under_way_.size() == 1)) {
      base::log_error("{} dialogs are not written: {}", waiting(), outcome.error().text);
      return;
    }
    if (!outcome) alone_ = under_way_.size();
    end_batch(outcome.has_value());
  }
}

}  // namespace opensips::dialog
