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
  for (auto& [first, kept] : lists_) {
    while (first) std::free(std::exchange(first, first->next));
  }
}

bool SmallBlocks::is_kept(std::size_t size) {
  return kCaching && size <= kStep * kClasses;
}

void* SmallBlocks::take(std::size_t size) {
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

void SmallBlocks::give(void* block, std::size_t size) {
  if (!is_kept(size)) return std::free(block);
  const auto number = class_of(size);
  auto& list = lists_[number];
  const auto room = room_of(number);
  if (list.kept + room > kMostOfOneSize || kept_ + room > kMostKept) return std::free(block);
  list.first = new (block) Free{list.first};
  list.kept += room;
  kept_ += room;
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
