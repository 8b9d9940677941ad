#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lp_routing/value.hh"

namespace opensips::routing {

/// `a=1;lr` as a table: values by name, true for those without one.
Value params_table(std::string_view params);

/// And back, in the order of the names. Nothing if there is something in it that is neither text,
/// number nor true, or that is no name.
std::optional<std::string> params_text(const Value::Map& params);

}  // namespace opensips::routing
