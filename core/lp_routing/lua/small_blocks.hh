#pragma once

#include <array>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <utility>

#include "base/sanitizer.hh"

namespace opensips::routing::lua {

/// Memory for a Lua state, which makes and forgets a few dozen small objects with each request.
/// Blocks of up to 1 KiB, with which a coroutine's stack begins, that were given back are kept, at
/// most 1 MiB in all and a quarter of it of one size, and the next object of that size takes the
/// last one: malloc is not asked, where the collector would leave them in heaps. In an
/// AddressSanitizer build every block is malloc's own. One thread at a time.
class SmallBlocks {
 public:
  static constexpr std::size_t kMostKept = 1UL << 20;
  /// Or a heap of one size, once collected, would keep all others from being kept.
  static constexpr std::size_t kMostOfOneSize = kMostKept / 4;

  SmallBlocks() = default;
  SmallBlocks(const SmallBlocks&) = delete;
  SmallBlocks& operator=(const SmallBlocks&) = delete;
  ~SmallBlocks();

  /// nullptr if there is no memory. `size` is not 0.
  void* take(std::size_t size);
  /// `size` as it was taken.
  void give(void* block, std::size_t size);
  /// As realloc() does it; neither size is 0.
  void* resize(void* block, std::size_t old_size, std::size_t new_size);

  /// How many bytes wait to be taken again.
  std::size_t kept() const { return kept_; }

 private:
  struct Free {
    Free* next;
  };
  struct List {
    Free* first = nullptr;
    std::size_t kept = 0;  // bytes
  };
  static constexpr std::size_t kStep = 16;
  static constexpr std::size_t kClasses = 64;

  static bool is_kept(std::size_t size) {
    return !base::kAddressSanitizer && size <= kStep * kClasses;
  }
  static std::size_t class_of(std::size_t size) { return (size - 1) / kStep; }
  static std::size_t room_of(std::size_t number) { return (number + 1) * kStep; }

  std::array<List, kClasses> lists_;
  std::size_t kept_ = 0;  // bytes in all lists
};

inline void* SmallBlocks::take(std::size_t size) {
  if (!is_kept(size)) return std::malloc(size);
  const auto number = class_of(size);
  auto& list = lists_[number];
  const auto room = room_of(number);
  if (!list.first) return std::malloc(room);
  list.kept -= room;
  kept_ -= room;
  Free* const block = std::exchange(list.first, list.first->next);
  __builtin_prefetch(list.first, 1);  // for the next one: it has been collected long ago
  return block;
}

inline void SmallBlocks::give(void* block, std::size_t size) {
  if (!is_kept(size)) return std::free(block);
  const auto number = class_of(size);
  auto& list = lists_[number];
  const auto room = room_of(number);
  if (list.kept + room > kMostOfOneSize || kept_ + room > kMostKept) return std::free(block);
  list.first = new (block) Free{list.first};
  list.kept += room;
  kept_ += room;
}

}  // namespace opensips::routing::lua
