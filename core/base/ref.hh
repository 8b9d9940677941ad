#pragma once

#include <cassert>
#include <cstdint>
#include <thread>
#include <utility>

namespace opensips::base {

/// A count inside the object, for things that several owners on *one* worker hold. Not atomic: an
/// object stays on its worker, which debug builds check.
class RefCounted {
 public:
  RefCounted() = default;
  RefCounted(const RefCounted&) = delete;
  RefCounted& operator=(const RefCounted&) = delete;

  void ref() const {
    check_thread();
    ++count_;
  }
  /// True when the last owner has let go.
  bool unref() const {
    check_thread();
    assert(count_ > 0);
    return --count_ == 0;
  }
  std::uint32_t refs() const { return count_; }

  /// The threads whose objects are left have ended: this one tidies up after them.
  static void inherit_all() {
#ifndef NDEBUG
    inherits_ = true;
#endif
  }

 protected:
  ~RefCounted() = default;

 private:
#ifndef NDEBUG
  void check_thread() const {
    assert(owner_ == std::this_thread::get_id() || inherits_);
  }
  static inline thread_local bool inherits_ = false;
  std::thread::id owner_ = std::this_thread::get_id();
#else
  void check_thread() const {}
#endif
  mutable std::uint32_t count_ = 0;
};

/// A counted pointer. T offers `retain(T*)` and `release(T*)` to argument-dependent lookup, so that
/// a declaration of both is all that a header needs which only passes a T on.
template <class T>
class Ref {
 public:
  Ref() = default;
  Ref(std::nullptr_t) {}
  explicit Ref(T* object) : object_(object) {
    if (object_) retain(object_);
  }
  Ref(const Ref& other) : Ref(other.object_) {}
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() {
    if (object_) release(object_);
  }

  T* get() const { return object_; }
  T& operator*() const { return *object_; }
  T* operator->() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }
  void reset() { *this = Ref(); }
  friend bool operator==(const Ref& a, const Ref& b) { return a.object_ == b.object_; }

 private:
  T* object_ = nullptr;
};

}  // namespace opensips::base
