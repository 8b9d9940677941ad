#pragma once

#include <cstdint>
#include <ctime>

namespace opensips::base {

/// The monotonic clock in milliseconds. Read by the loop, once per turn; everybody else asks their
/// Context.
inline std::uint64_t monotonic_ms() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1000 +
         static_cast<std::uint64_t>(now.tv_nsec) / 1000000;
}

}  // namespace opensips::base
