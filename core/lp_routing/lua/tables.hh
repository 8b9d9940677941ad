#pragma once

struct lua_State;

namespace opensips::routing::lua {

/// Puts functions with a limit in the place of table.sort and table.concat, which for a large table
/// take seconds that Lua cannot interrupt. Under Vm::protect().
void bound_tables(lua_State* state);

}  // namespace opensips::routing::lua
