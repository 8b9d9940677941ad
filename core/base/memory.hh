#pragma once

#include <cstddef>
#include <cstdint>

namespace opensips::base {

/// What becomes of the process when memory runs out. Part of it is set aside at the start. When an
/// allocation fails (`new`, take_block()), that part is given back, so that the allocation succeeds
/// after all and what is under way goes on; and memory_is_short() tells the layers to begin nothing
/// new. When memory fails again before there is a reserve again, the process says so and ends by
/// abort(): no caller has to deal with an allocation that failed.
///
/// Sets `size` bytes aside, or other than before; 0 gives them back, and
/// leaves failures to std::bad_alloc.
void keep_memory_reserve(std::size_t size);

/// Memory is short: new requests are to be refused. Any thread; costs one load.
bool memory_is_short();

/// One look at memory, by one thread, every so often: sets the reserve aside again if there is
/// memory for it. `over_budget`: more is in use than may be, which is being short too.
void watch_memory(bool over_budget);

/// How often it has become short since the start. Any thread.
std::uint64_t memory_shortages();

}  // namespace opensips::base
