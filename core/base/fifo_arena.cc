#include "base/fifo_arena.hh"

#include <algorithm>
#include <new>
#include <utility>

namespace opensips::base {

static_assert(sizeof(std::size_t) <= 8, "a piece's size stands in its head");

FifoArena::~FifoArena() {
  while (first_) ::operator delete(std::exchange(first_, first_->next));
}

void* FifoArena::push_back(std::size_t size) {
  const std::size_t whole = kHead + ((size + kAlign - 1) & ~(kAlign - 1));
  if (!last_ || static_cast<std::size_t>(last_->limit - last_->end) < whole) add_block(whole);
  char* const piece = last_->end;
  last_->end += whole;
  size_of(piece) = whole;
  return piece + kHead;
}

void FifoArena::add_block(std::size_t least) {
  const std::size_t size = std::max(kBlock, sizeof(Block) + least);
  auto* const block = static_cast<Block*>(::operator new(size));
  char* const begin = reinterpret_cast<char*>(block + 1);
  *block = {nullptr, begin, begin, reinterpret_cast<char*>(block) + size};
  (last_ ? last_->next : first_) = block;
  last_ = block;
}

void FifoArena::pop_front() {
  first_->begin += size_of(first_->begin);
  if (first_->begin != first_->end) return;
  // The last block may have room for more, but nothing would find its beginning empty.
  Block* const done = std::exchange(first_, first_->next);
  if (!first_) last_ = nullptr;
  ::operator delete(done);
}

}  // namespace opensips::base
