#include "lp_routing/lua/small_blocks.hh"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace opensips::routing::lua {

SmallBlocks::~SmallBlocks() {
  for (auto& [first, kept] : lists_) {
    while (first) std::free(std::exchange(first, first->next));
  }
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
