#pragma once

struct lua_State;

namespace opensips::routing::lua {

/// Opens what a routing script may use of Lua's libraries. What would block the worker, leave the
/// state's limits or end the process raises an error that says what to use instead. Under
/// Vm::protect().
void open_libraries(lua_State* state);

}  // namespace opensips::routing::lua
