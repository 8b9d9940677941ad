#pragma once

#include <string>

#include "lp_routing/value.hh"

struct lua_State;

namespace opensips::routing::lua {

/// The value at that index as functions take it, in `to`, which is nil before; text and names stay
/// Lua's. False, with what is wrong in `why`, for a table that is neither a list nor one of names,
/// that is too deep or too large, and for threads.
bool value_at(lua_State* state, int index, Value& to, std::string& why);

/// Makes an object for Lua and leaves it on the stack.
void push_object(lua_State* state, const Object& object);
/// The object at that index, or nullptr. Every userdata of a state is one.
const Object* object_at(lua_State* state, int index);

/// Pushes plain data: nil, boolean, numbers, text, tables, objects.
void push_data(lua_State* state, const Value& value);

}  // namespace opensips::routing::lua
