#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

#include "base/guarded.hh"

namespace opensips::base {

/// State that is read all the time and changes rarely: each version is immutable, a writer
/// publishes the next one, a reader keeps the one it has as long as it likes. Any thread. Workers
/// read it through a SnapshotReader.
template <class T>
class Snapshot {
 public:
  /// `first` is not null, nor is any later version.
  explicit Snapshot(std::shared_ptr<const T> first = std::make_shared<const T>())
      : current_(std::move(first)) {}

  /// Makes `next` the version that readers get from now on.
  void publish(std::shared_ptr<const T> next) {
    const std::lock_guard writing(writers_);
    replace(std::move(next));
  }

  /// Publishes a copy of the current version that `change(T&)` has worked on. Writers wait for one
  /// another, so that none undoes what another did; readers do not wait for them.
  template <std::invocable<T&> Change>
  void update(Change change) {
    const std::lock_guard writing(writers_);
    auto next = std::make_shared<T>(*get());
    change(*next);
    replace(std::move(next));
  }

  /// The current version.
  std::shared_ptr<const T> get() const { return *current_.lock(); }

 private:
  template <class>
  friend class SnapshotReader;

  void replace(std::shared_ptr<const T> next) {
    auto current = current_.lock();
    std::swap(*current, next);
    generation_.fetch_add(1, std::memory_order_relaxed);
    // `next`, declared before `current`, dies after it: the old version is freed outside the lock.
  }

  std::mutex writers_;
  Guarded<std::shared_ptr<const T>> current_;
  std::atomic<std::uint64_t> generation_ = 1;  // changes only under the lock of current_
};

/// One thread's view of a Snapshot, which it must not outlive. While nothing changes, looking costs
/// a load; it holds the version seen last until it looks again.
template <class T>
class SnapshotReader {
 public:
  explicit SnapshotReader(const Snapshot<T>& snapshot) : snapshot_(snapshot) {}

  /// The current version. The reference is good until the next call; copy the pointer to keep it.
  const std::shared_ptr<const T>& get() {
    // Relaxed is enough: the lock orders the contents, and a reader that was told of a change by
    // any means that orders (a message, a lock) sees the new generation. Others see it soon.
    if (snapshot_.generation_.load(std::memory_order_relaxed) != generation_) refresh();
    return seen_;
  }
  const T& operator*() { return *get(); }
  const T* operator->() { return get().get(); }

 private:
  void refresh() {
    std::shared_ptr<const T> old = std::move(seen_);  // freed after the lock is released
    const auto current = snapshot_.current_.lock();
    seen_ = *current;
    generation_ = snapshot_.generation_.load(std::memory_order_relaxed);
  }

  const Snapshot<T>& snapshot_;
  std::shared_ptr<const T> seen_;
  std::uint64_t generation_ = 0;
};

}  // namespace opensips::base
