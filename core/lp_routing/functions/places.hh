#pragma once

#include <string_view>

#include "lp_routing/functions/function.hh"

namespace opensips::routing {

/// "at the top level of the script": one of the places of a program, for an error.
std::string_view where_is(Places place);

}  // namespace opensips::routing
