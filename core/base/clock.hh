#pragma once

#include <cstdint>

/// The clocks. All functions are for any thread.
namespace opensips::base {

/// The monotonic clock in nanoseconds.
std::uint64_t monotonic_ns();

/// The monotonic clock in milliseconds. Read by the loop, once per turn; everybody else asks their
/// Context.
inline std::uint64_t monotonic_ms() {
  return monotonic_ns() / 1'000'000;
}

/// Seconds since 1970, as time(2) gives them: what an operator's rules about days and hours, and
/// what is written for other machines, go by.
std::int64_t wall_seconds();

/// Milliseconds since 1970: for moments of this process that are written as moments of the wall.
std::int64_t wall_ms();

/// From now on both clocks stand still, there: for tests of scripts, which move them on. 0, 0: they
/// go again.
void set_clocks(std::uint64_t monotonic_ms, std::int64_t wall_seconds);

}  // namespace opensips::base
