#pragma once

#include <optional>
#include <string_view>

#include "l3_dialog/dialog.hh"
#include "lp_routing/functions/function.hh"

namespace opensips::routing {

/// The dialog that `self` stands for; nullptr once it has gone.
dialog::Dialog* dialog_of(const Call& call);
/// What a function says that finds none: the program's author kept it for too long.
Value has_gone(const Call& call);

/// "caller" or "callee".
std::optional<dialog::Party> party_of(std::string_view name);

}  // namespace opensips::routing
