#pragma once

#include <cstdint>
#include <ctime>

namespace opensips::base {

/// The monotonic clock in nanoseconds.
inline std::uint64_t monotonic_ns() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

/// The monotonic clock in milliseconds. Read by the loop, once per turn; everybody else asks their
/// Context.
inline std::uint64_t monotonic_ms() {
  return monotonic_ns() / 1'000'000;
}

}  // namespace opensips::base
