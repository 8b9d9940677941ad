#pragma once

#include <vector>

#include "auth/extra_columns.hh"
#include "auth/presented.hh"
#include "auth/secret.hh"
#include "lp_routing/value.hh"

namespace opensips::auth {

/// Who credentials say they are of, for a program. Texts live as long as the request, whose arena
/// it is.
routing::Value::Map user_table(base::Arena& arena, const Presented& presented,
                               const Demand& demand);

/// What else is kept of the user, by the names of `columns`, which outlive the value.
routing::Value extra_table(const std::vector<ExtraColumn>& columns, const Secret& secret);

}  // namespace opensips::auth
