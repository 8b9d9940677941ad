#include "base/arena.hh"

#include <algorithm>

#include "base/blocks.hh"

namespace opensips::base {

Arena::~Arena() {
  while (blocks_) give_block(std::exchange(blocks_, blocks_->next));
}

void* Arena::allocate_block(std::size_t size, std::size_t align) {
  const std::size_t whole = std::max(kBlock, sizeof(Block) + align + size);
  auto* block = static_cast<Block*>(take_block(whole));
  block->next = blocks_;
  blocks_ = block;
  at_ = reinterpret_cast<char*>(block + 1);
  end_ = reinterpret_cast<char*>(block) + whole;
  return allocate(size, align);
}

}  // namespace opensips::base
