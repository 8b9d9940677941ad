#pragma once

#include <cstddef>
#include <limits>
#include <new>
#include <vector>

#include "base/blocks.hh"

namespace opensips::base {

/// Has a container take its memory from the thread's blocks. Any thread may free it.
template <class T>
struct BlockAllocator {
  using value_type = T;

  BlockAllocator() = default;
  template <class Other>
  BlockAllocator(const BlockAllocator<Other>&) {}

  T* allocate(std::size_t count) {
    static_assert(alignof(T) <= alignof(std::max_align_t));
    if (count > std::numeric_limits<std::size_t>::max() / 2 / sizeof(T)) throw std::bad_alloc();
    return static_cast<T*>(take_block(count * sizeof(T)));
  }
  void deallocate(T* first, std::size_t) { give_block(first); }

  bool operator==(const BlockAllocator&) const { return true; }
};

/// A vector of what is put together and forgotten with every message.
template <class T>
using BlockVector = std::vector<T, BlockAllocator<T>>;

}  // namespace opensips::base
