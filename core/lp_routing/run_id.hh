#pragma once

#include "base/id.hh"

namespace opensips::routing {

/// Names one run of a handler.
using RunId = base::Id<struct RunTag>;

}  // namespace opensips::routing
