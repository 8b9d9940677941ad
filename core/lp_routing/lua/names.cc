#include "lp_routing/lua/names.hh"

#include <cassert>

#include <lua.hpp>

namespace opensips::routing::lua {

void Names::push(lua_State* state, const Value::Name& name) {
  if (!name.is_constant()) return lua_pushlstring(state, name.data(), name.size());
  assert(name.data()[name.size()] == '\0');  // whole
  std::size_t at = hash(name.data());
  while (places_[at].name != name.data() && places_[at].name) at = (at + 1) % kPlaces;
  Place& place = places_[at];
  if (place.name) return lua_rawgeti(state, LUA_REGISTRYINDEX, place.text);
  lua_pushlstring(state, name.data(), name.size());
  if (used_ < kPlaces / 2) keep(state, place, name.data());
}

/// The text on the top of the stack, which stays there.
void Names::keep(lua_State* state, Place& place, const char* name) {
  lua_pushvalue(state, -1);
  place.text = luaL_ref(state, LUA_REGISTRYINDEX);
  place.name = name;
  ++used_;
}

}  // namespace opensips::routing::lua
