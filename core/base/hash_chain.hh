#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace opensips::base {

/// The place of an object in a HashChain; a member of the object.
template <class T>
struct ChainHook {
  std::uint64_t key = 0;
  T* next = nullptr;
};

/// A hash table of objects that live elsewhere, linked through a hook in each: nothing is allocated per entry. The
/// key is a 64-bit hash that is already keyed and uniform (SipHash), and is taken for the identity. One worker.
template <class T, ChainHook<T> T::*kHook>
class HashChain {
 public:
  HashChain() : buckets_(kSmallest) {}

  T* find(std::uint64_t key) const {
    for (T* at = bucket(key); at; at = (at->*kHook).next) {
      if ((at->*kHook).key == key) return at;
    }
    return nullptr;
  }

  /// The object must stay where it is until erase().
  void insert(std::uint64_t key, T& object) {
    if (size_ >= buckets_.size()) grow();
    link(key, object);
    ++size_;
  }

  void erase(T& object) {
    for (T** at = &bucket((object.*kHook).key); *at; at = &((*at)->*kHook).next) {
      if (*at != &object) continue;
      *at = (object.*kHook).next;
      --size_;
      return;
    }
  }

  std::size_t size() const { return size_; }

 private:
  static constexpr std::size_t kSmallest = 1024;

  T*& bucket(std::uint64_t key) { return buckets_[key & (buckets_.size() - 1)]; }
  T* bucket(std::uint64_t key) const { return buckets_[key & (buckets_.size() - 1)]; }

  void link(std::uint64_t key, T& object) {
    T*& head = bucket(key);
    object.*kHook = {key, head};
    head = &object;
  }

  void grow() {
    std::vector<T*> old(buckets_.size() * 2);
    old.swap(buckets_);
    for (T* at : old) {
      while (at) {
        T* next = (at->*kHook).next;
        link((at->*kHook).key, *at);
        at = next;
      }
    }
  }

  std::vector<T*> buckets_;
  std::size_t size_ = 0;
};

}  // namespace opensips::base
