#pragma once

#include <condition_variable>
#include <mutex>
#include <utility>

namespace opensips::base {

/// A value and the mutex that guards it, in one: there is no way to the value but through the lock.
///
///   base::Guarded<std::map<Key, Count>> counts_;
///   counts_.lock()->erase(key);              // locked for this statement
///   auto counts = counts_.lock();            // locked as long as `counts` lives
///
/// Any thread. Hold it for a few instructions, never across a call that may lock something else.
template <class T>
class Guarded {
 public:
  /// The way to the value while it lives; to a const value when it came from a const Guarded.
  template <class Value>
  class Access {
   public:
    Value* operator->() const { return &value_; }
    Value& operator*() const { return value_; }

    /// Gives the lock up until `ready()` holds, which is tested under the lock.
    template <class Ready>
    void wait(std::condition_variable& changed, Ready ready) {
      changed.wait(lock_, std::move(ready));
    }
    /// The same until `time` at the latest. False if it does not hold then.
    template <class Time, class Ready>
    bool wait_until(std::condition_variable& changed, Time time, Ready ready) {
      return changed.wait_until(lock_, time, std::move(ready));
    }

   private:
    friend class Guarded;
    Access(std::mutex& mutex, Value& value) : lock_(mutex), value_(value) {}

    std::unique_lock<std::mutex> lock_;
    Value& value_;
  };

  template <class... Args>
  explicit Guarded(Args&&... args) : value_(std::forward<Args>(args)...) {}
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;

  [[nodiscard]] Access<T> lock() { return {mutex_, value_}; }
  [[nodiscard]] Access<const T> lock() const { return {mutex_, value_}; }

 private:
  mutable std::mutex mutex_;
  T value_;
};

}  // namespace opensips::base
