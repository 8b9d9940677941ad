#pragma once

#include "config/diagnostics.hh"
#include "config/settings.hh"

namespace opensips::config {

/// What only the whole configuration shows: no socket, one socket twice, timers that contradict
/// each other.
void check(const Settings& settings, Diagnostics& diagnostics);

}  // namespace opensips::config
