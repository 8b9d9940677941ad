#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <unordered_set>
#include <vector>

#include "storage/job.hh"

namespace opensips::storage {

/// The tasks that wait for a connection, in their order. One thread at a time: the Database locks.
class TaskQueue {
 public:
  /// Which connections a task is for. Where one may write, it gets whatever has an order.
  enum class Line : std::uint8_t { main, reading };

  /// At most `limit` statements wait. With `reading_apart`, those that only look and have no key
  /// stand in a line of their own.
  TaskQueue(std::size_t limit, bool reading_apart) : limit_(limit), reading_apart_(reading_apart) {}

  /// False if it is full.
  bool push(TaskPtr task);

  /// The next tasks that may be done by one connection: one, or several that write a single row
  /// each, up to `most`, to be done in one transaction. None whose key somebody else has. Their
  /// keys are taken until release().
  std::vector<TaskPtr> take(Line which, std::size_t most);
  void release(std::span<const TaskPtr> tasks);

  /// Takes out those whose time is over; all of them.
  std::vector<TaskPtr> take_expired(Task::Time now);
  std::vector<TaskPtr> take_all();

  /// The line that a task stands in, or would.
  Line line_of(const Task& task) const;

  /// Statements that wait.
  std::size_t size() const { return size_; }

 private:
  using Tasks = std::deque<TaskPtr>;

  Tasks& line(Line which) { return lines_[static_cast<std::size_t>(which)]; }
  bool may_begin(const Task& task) const { return task.key == 0 || !keys_.contains(task.key); }

  std::size_t limit_;
  bool reading_apart_;
  std::size_t size_ = 0;
  std::array<Tasks, 2> lines_;
  std::unordered_set<std::uint64_t> keys_;  // of tasks that are being done
};

}  // namespace opensips::storage
