#pragma once

#include <cstddef>

namespace opensips::base {

/// Memory for what comes and goes with every message: messages, their arenas, the bytes that go
/// out. Each thread keeps a few free blocks of each size up to 4 KiB, so that a message takes the
/// memory, still in the cache, that the last one gave back; malloc has no fast way for blocks of
/// this size. Aligned as malloc's. Any thread may give a block back. Out of memory: base/memory. In
/// an AddressSanitizer build every block is malloc's own.
void* take_block(std::size_t size);
void give_block(void* block);

/// How much there is room for in the block that is got for `size`.
std::size_t block_room(std::size_t size);

}  // namespace opensips::base
