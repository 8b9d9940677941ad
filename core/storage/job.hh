#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "loop/mailbox.hh"
#include "storage/error.hh"
#include "storage/statement.hh"

namespace opensips::storage {

/// What a database is asked to do, and who wants to hear of it.
struct Job {
  /// Several are one transaction: all are done, or none. The outcome is that of the last one, or of
  /// the one that failed.
  std::vector<Query> queries;
  /// Jobs with the same key are done in the order in which they were given, 0: in any.
  std::uint64_t key = 0;
  /// From now; 0: the database's.
  std::chrono::milliseconds limit{0};
  /// Called exactly once on the worker whose mailbox that is, unless that has gone: then it is
  /// destroyed, on any thread. Without a mailbox it is called on a thread of the database, which it
  /// must not hold up.
  std::shared_ptr<loop::Mailbox> to;
  std::move_only_function<void(Outcome)> done;

  bool writes() const;
};

/// A job that the database has accepted.
struct Task : Job {
  using Time = std::chrono::steady_clock::time_point;
  explicit Task(Job job, Time until) : Job(std::move(job)), deadline(until) {}

  bool is_answered() const { return !done; }

  Time deadline;
};
using TaskPtr = std::shared_ptr<Task>;

/// Who has to be told, and what: collected under a lock and told without it.
struct Answer {
  std::shared_ptr<loop::Mailbox> to;
  std::move_only_function<void(Outcome)> done;
  Outcome outcome;

  void tell();
};

/// The answer to a task; nothing if it has been answered.
std::optional<Answer> answer_to(Task& task, Outcome outcome);

}  // namespace opensips::storage
