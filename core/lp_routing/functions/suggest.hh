#pragma once

#include <string>
#include <string_view>

#include "lp_routing/object.hh"

namespace opensips::routing {

/// "request has no field 'methd': did you mean 'method'?"
std::string unknown_field(ObjectKind kind, std::string_view name);

/// The same for an assignment, or that the field can only be read.
std::string unassignable_field(ObjectKind kind, std::string_view name);

}  // namespace opensips::routing
