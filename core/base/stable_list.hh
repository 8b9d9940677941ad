#pragma once

#include <array>
#include <atomic>
#include <cassert>
#include <cstddef>
#include <memory>
#include <utility>

namespace opensips::base {

/// A list of up to `Most` elements that only grows. They stay where they are, so that a place in it
/// is a name for good. One thread at a time adds; any thread reads, without a lock.
template <class T, std::size_t Most>
class StableList {
 public:
  /// Elements that every thread may look at. Who learns of a later place by a message may look at
  /// that one too.
  std::size_t size() const { return size_.load(std::memory_order_acquire); }
  bool full() const { return size() == Most; }

  const T& operator[](std::size_t place) const { return *elements_[place]; }
  T& operator[](std::size_t place) { return *elements_[place]; }

  /// Adds an element, if it is not full. Returns its place.
  std::size_t push_back(std::unique_ptr<T> element) {
    const std::size_t place = size_.load(std::memory_order_relaxed);
    assert(place < Most);
    elements_[place] = std::move(element);
    size_.store(place + 1, std::memory_order_release);
    return place;
  }

 private:
  std::array<std::unique_ptr<T>, Most> elements_;
  std::atomic<std::size_t> size_ = 0;
};

}  // namespace opensips::base
