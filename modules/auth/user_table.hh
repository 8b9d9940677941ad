#pragma once

#include "auth/presented.hh"
#include "lp_routing/value.hh"

namespace opensips::auth {

/// Who credentials say they are of, for a program; texts are copies.
routing::Value user_table(const Presented& presented, const Demand& demand);

}  // namespace opensips::auth
