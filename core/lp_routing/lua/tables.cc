#include "lp_routing/lua/tables.hh"

#include <cstddef>

#include <lua.hpp>

#include "lp_routing/lua/vm.hh"

// Everything on the stack here is plain: an error may leave any of these functions at any call.
namespace opensips::routing::lua {
namespace {

// A table up to this size takes no longer than the time between two looks at the clock anyway.
constexpr std::size_t kSmall = 4096;

/// Calls the library's own function, the upvalue, with all arguments.
int call_original(lua_State* state, int results) {
  lua_pushvalue(state, lua_upvalueindex(1));
  lua_insert(state, 1);
  lua_call(state, lua_gettop(state) - 1, results);
  return results;
}

int less(lua_State* state) {
  if (Vm::of(state).must_stop(state)) return luaL_error(state, "table.sort takes too long");
  lua_pushboolean(state, lua_lessthan(state, 1, 2));
  return 1;
}

int sort(lua_State* state) {
  luaL_checktype(state, 1, LUA_TTABLE);
  // A function of the script's to compare with can be interrupted.
  if (lua_isnoneornil(state, 2) && lua_objlen(state, 1) > kSmall) {
    lua_settop(state, 1);
    lua_pushcfunction(state, less);
  }
  return call_original(state, 0);
}

int concat(lua_State* state) {
  luaL_checktype(state, 1, LUA_TTABLE);
  std::size_t size = 0;
  const char* const separator = luaL_optlstring(state, 2, "", &size);
  const lua_Integer first = luaL_optinteger(state, 3, 1);
  const lua_Integer last = lua_isnoneornil(state, 4)
                               ? static_cast<lua_Integer>(lua_objlen(state, 1))
                               : luaL_checkinteger(state, 4);
  if (last < first || static_cast<std::size_t>(last) - static_cast<std::size_t>(first) < kSmall) {
    return call_original(state, 1);
  }
  luaL_Buffer buffer;
  luaL_buffinit(state, &buffer);
  for (lua_Integer i = first; i <= last; ++i) {
    if (static_cast<std::size_t>(i) % kSmall == 0 && Vm::of(state).must_stop(state)) {
      return luaL_error(state, "table.concat takes too long");
    }
    lua_rawgeti(state, 1, static_cast<int>(i));
    if (!lua_isstring(state, -1)) {
      return luaL_error(state, "invalid value (%s) at index %d in table for 'concat'",
                        luaL_typename(state, -1), static_cast<int>(i));
    }
    luaL_addvalue(&buffer);
    if (i < last) luaL_addlstring(&buffer, separator, size);
  }
  luaL_pushresult(&buffer);
  return 1;
}

}  // namespace

void bound_tables(lua_State* state) {
  lua_getglobal(state, LUA_TABLIBNAME);
  constexpr luaL_Reg kBounded[] = {{"sort", sort}, {"concat", concat}};
  for (const auto& [name, function] : kBounded) {
    lua_getfield(state, -1, name);
    lua_pushcclosure(state, function, 1);
    lua_setfield(state, -2, name);
  }
  lua_pop(state, 1);
}

}  // namespace opensips::routing::lua
