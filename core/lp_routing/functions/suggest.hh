#pragma once

#include <span>
#include <string>
#include <string_view>

#include "lp_routing/object.hh"

namespace opensips::routing {

class FunctionTable;

/// The name among these that may have been meant; empty: none is near.
std::string_view nearest(std::string_view name, std::span<const std::string_view> names);

/// "request has no field 'methd': did you mean 'method'?"
std::string unknown_field(const FunctionTable& functions, ObjectKind kind, std::string_view name);

/// The same for an assignment, or that the field can only be read.
std::string unassignable_field(const FunctionTable& functions, ObjectKind kind,
                               std::string_view name);

}  // namespace opensips::routing
