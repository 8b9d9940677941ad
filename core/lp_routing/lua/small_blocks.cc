#include "lp_routing/lua/small_blocks.hh"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "base/sanitizer.hh"

namespace opensips::routing::lua {

namespace {

constexpr bool kCaching = !base::kAddressSanitizer;

}  // namespace

SmallBlocks::~SmallBlocks() {
  for (List& list : lists_) {
    while (list.first) {
      Free* const block = list.first;
      list.first = block->next;
      std::free(block);
    }
  }
}

bool SmallBlocks::is_kept(std::size_t size) {
  return kCaching && size <= kStep * kClasses;
}

void* SmallBlocks::take(std::size_t size) {
  if (!is_kept(size)) return std::malloc(size);
  const auto number = class_of(size);
  List& list = lists_[number];
  if (!list.first) return std::malloc((number + 1) * kStep);
  Free* const block = list.first;
  list.first = block->next;
  --list.count;
  return block;
}

void SmallBlocks::give(void* block, std::size_t size) {
  if (!is_kept(size)) return std::free(block);
  const auto number = class_of(size);
  List& list = lists_[number];
  if (list.count * (number + 1) * kStep >= kKept) return std::free(block);
  list.first = new (block) Free{list.first};
  ++list.count;
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
