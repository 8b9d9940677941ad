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

/// The same clock as the kernel's tick left it: some milliseconds old, for a fifth of the price.
inline std::uint64_t coarse_monotonic_ms() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1000 +
         static_cast<std::uint64_t>(now.tv_nsec) / 1000000;
}

}  // namespace opensips::base
