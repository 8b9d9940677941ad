#include "storage/task_queue.hh"

#include <algorithm>
#include <iterator>
#include <utility>

namespace opensips::storage {
namespace {

bool joins_others(const Task& task) {
  return task.queries.size() == 1 && task.writes();
}

}  // namespace

TaskQueue::Line TaskQueue::line_of(const Task& task) const {
  return reading_apart_ && task.key == 0 && !task.writes() ? Line::reading : Line::main;
}

bool TaskQueue::push(TaskPtr task) {
  if (size_ + task->queries.size() > limit_) return false;
  size_ += task->queries.size();
  Tasks& waiting = line(line_of(*task));
  waiting.push_back(std::move(task));
  return true;
}

std::vector<TaskPtr> TaskQueue::take(Line which, std::size_t most) {
  Tasks& waiting = line(which);
  const auto first =
      std::ranges::find_if(waiting, [this](const TaskPtr& task) { return may_begin(*task); });
  if (first == waiting.end()) return {};
  auto last = first + 1;
  // A key that is taken belongs to another connection, or to a task before it in this batch: only
  // the latter may stand between `first` and `last`, so nobody is overtaken.
  std::unordered_set<std::uint64_t> own{(*first)->key};
  if (joins_others(**first)) {
    while (last != waiting.end() && static_cast<std::size_t>(last - first) < most &&
           joins_others(**last) && (own.contains((*last)->key) || may_begin(**last))) {
      own.insert((*last)->key);
      ++last;
    }
  }
  std::vector<TaskPtr> taken(std::make_move_iterator(first), std::make_move_iterator(last));
  waiting.erase(first, last);
  own.erase(0);
  keys_.insert(own.begin(), own.end());
  for (const TaskPtr& task : taken) size_ -= task->queries.size();
  return taken;
}

void TaskQueue::release(std::span<const TaskPtr> tasks) {
  for (const TaskPtr& task : tasks) {
    if (task->key != 0) keys_.erase(task->key);
  }
}

std::vector<TaskPtr> TaskQueue::take_expired(Task::Time now) {
  std::vector<TaskPtr> expired;
  const auto is_over = [now](const TaskPtr& task) { return task->deadline <= now; };
  for (Tasks& waiting : lines_) {
    std::ranges::copy_if(waiting, std::back_inserter(expired), is_over);
    std::erase_if(waiting, is_over);
  }
  for (const TaskPtr& task : expired) size_ -= task->queries.size();
  return expired;
}

std::vector<TaskPtr> TaskQueue::take_all() {
  return take_expired(Task::Time::max());
}

}  // namespace opensips::storage
