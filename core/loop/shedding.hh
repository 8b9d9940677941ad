#pragma once

#include "base/memory.hh"
#include "loop/context.hh"

namespace opensips::loop {

/// New requests are refused for now: this worker has more to do than it can, or memory is short.
inline bool is_shedding(const Context& context) {
  return context.overload.is_shedding() || base::memory_is_short();
}

}  // namespace opensips::loop
