#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

/// Random bytes. All functions are for any thread.
namespace opensips::base {

/// Fills with bytes that nobody can guess: by OpenSSL's generator, which is a thread's own, and
/// asks the kernel rarely.
void fill_random(void* to, std::size_t size);

/// For tests of scripts: from now on random bytes come from this seed, and are the same each time;
/// nothing: from the system again, as at the start.
void seed_random(std::optional<std::uint64_t> seed);

/// Fills with bytes that follow from the seed. False, and nothing is done, if there is none.
bool draw_seeded(void* to, std::size_t size);

}  // namespace opensips::base
