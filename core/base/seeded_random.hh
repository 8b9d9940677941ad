#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

/// Random bytes that are the same each time, for tests of scripts. Any thread.
namespace opensips::base {

/// From now on random bytes come from this seed; nothing: from the system again, as at the start.
void seed_random(std::optional<std::uint64_t> seed);

/// Fills with bytes that follow from the seed. False, and nothing is done, if there is none: ask
/// the system.
bool draw_seeded(void* to, std::size_t size);

}  // namespace opensips::base
