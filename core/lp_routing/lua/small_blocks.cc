#include "lp_routing/lua/small_blocks.hh"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "base/sanitizer.hh"

namespace opensips::routing::lua {

namespace {

constexpr bool kCaching = !base::kAddressSanitizer;

}  // namespace

SmallBlocks::~SmallBlocks() {
  for (Free* list : lists_) {
    while (list) std::free(std::exchange(list, list->next));
  }
}

bool SmallBlocks::is_kept(std::size_t size) {
  return kCaching && size <= kStep * kClasses;
}

void* SmallBlocks::take(std::size_t size) {
  if (!is_kept(size)) return std::malloc(size);
  const auto number = class_of(size);
  Free*& list = lists_[number];
  if (!list) return std::malloc(room_of(number));
  kept_ -= room_of(number);
  return std::exchange(list, list->next);
}

void SmallBlocks::give(void* block, std::size_t size) {
  if (!is_kept(size)) return std::free(block);
  const auto number = class_of(size);
  if (kept_ + room_of(number) > kMostKept) return std::free(block);
  lists_[number] = new (block) Free{lists_[number]};
  kept_ += room_of(number);
}

void* SmallBlocks::resize(void* block, std::size_t old_size, std::size_t new_size) {
  const bool old_kept = is_kept(old_size);
  const bool new_kept = is_kept(new_size);
  if (!old_kept && !new_kept) return std::realloc(block, new_size);
  if (old_kept && new_kept && class_of(old_size) == class_of(new_size)) return block;
  void* const moved = take(new_size);
  // Lua counts on it that less is always there: the old block, then.
  if (!moved) return new_size <= old_size ? block : nullptr;
  std::memcpy(moved, block, std::min(old_size, new_size));
  give(block, old_size);
  return moved;
}

}  // namespace opensips::routing::lua
