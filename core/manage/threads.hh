#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace opensips::manage {

/// A thread of this process, as the system sees it.
struct Thread {
  pid_t id = 0;
  std::string name;
  std::uint64_t cpu_ms = 0;  ///< used since it began, in steps of the system's (10 ms)
};

/// All of them, in the order they began.
std::vector<Thread> read_threads();

}  // namespace opensips::manage
