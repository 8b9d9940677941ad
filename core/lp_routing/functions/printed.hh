#pragma once

#include <string>

#include "lp_routing/functions/function.hh"

namespace opensips::routing {

/// A value as text for people; an object as its `text` row says.
std::string printed(const Call& call, const Value& value);

/// What tostring() gives for an object of the run in `call`; of a kind that has no such row its
/// name.
Value text_of(const Call& call, const Object& object);

}  // namespace opensips::routing
