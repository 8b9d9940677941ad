#pragma once

struct lua_State;

namespace opensips::routing::lua {

/// Puts functions with a limit in the place of string.find, match, gmatch, gsub and rep. Under
/// Vm::protect().
void bound_patterns(lua_State* state);

}  // namespace opensips::routing::lua
