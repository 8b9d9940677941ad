#include "lp_routing/lua/sandbox.hh"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <string>
#include <string_view>

#include <lua.hpp>

#include "base/log.hh"
#include "lp_routing/lua/bindings.hh"
#include "lp_routing/lua/patterns.hh"
#include "lp_routing/lua/refused.hh"
#include "lp_routing/lua/tables.hh"
#include "lp_routing/lua/vm.hh"

namespace opensips::routing::lua {
namespace {

int refuse(lua_State* state) {
  lua_pushfstring(state, "%s is not available in routing scripts: %s",
                  lua_tostring(state, lua_upvalueindex(1)),
                  lua_tostring(state, lua_upvalueindex(2)));
  return raise(state);
}

/// Reading a field of a library that is not there.
int refuse_field(lua_State* state) {
  lua_pushfstring(state, "%s.%s is not available in routing scripts: %s",
                  lua_tostring(state, lua_upvalueindex(1)),
                  lua_type(state, 2) == LUA_TSTRING ? lua_tostring(state, 2) : "?",
                  lua_tostring(state, lua_upvalueindex(2)));
  return raise(state);
}

void disarm(lua_State* state, const Refused& function) {
  lua_pushfstring(state, function.library ? "%s.%s" : "%s%s",
                  function.library ? function.library : "", function.name);
  lua_pushstring(state, function.advice);
  lua_pushcclosure(state, refuse, 2);
  if (!function.library) return lua_setglobal(state, function.name);
  lua_getglobal(state, function.library);
  lua_insert(state, -2);
  lua_setfield(state, -2, function.name);
  lua_pop(state, 1);
}

/// Makes the table on the top of the stack say why it lacks what it lacks.
void explain(lua_State* state, const char* library) {
  const auto refused =
      std::ranges::find(refused_libraries(), std::string_view(library),
                        [](const Refused& one) { return std::string_view(one.library); });
  assert(refused != refused_libraries().end());
  lua_createtable(state, 0, 2);
  lua_pushstring(state, library);
  lua_pushstring(state, refused->advice);
  lua_pushcclosure(state, refuse_field, 2);
  lua_setfield(state, -2, "__index");
  lua_pushstring(state, library);
  lua_setfield(state, -2, "__metatable");
  lua_setmetatable(state, -2);
}

// LuaJIT's own call what they are given without a check of Lua's stack and without an instruction
// that the hook could count: pcall(pcall, pcall, …) writes past the stack, and an object whose
// __tostring is tostring never ends. As functions of Lua that call them, they are checked like any.
constexpr const char* kChecked[] = {"pcall", "xpcall", "tostring"};
constexpr char kCheck[] = "local original = ... return function(...) return original(...) end";

void check_calls(lua_State* state) {
  for (const char* const name : kChecked) {
    if (luaL_loadbuffer(state, kCheck, sizeof kCheck - 1, "=opensips") != 0) lua_error(state);
    lua_getglobal(state, name);
    lua_call(state, 1, 1);
    lua_setglobal(state, name);
  }
}

int print(lua_State* state) {
  // An object's __tostring may be print.
  if (Vm::of(state).must_stop(state)) return luaL_error(state, "stopped");
  {
    std::string line;
    const int last = lua_gettop(state);
    for (int i = 1; i <= last; ++i) {
      if (i > 1) line += '\t';
      lua_getglobal(state, "tostring");
      lua_pushvalue(state, i);
      lua_call(state, 1, 1);
      if (const char* const text = lua_tostring(state, -1)) line += text;
      lua_pop(state, 1);
    }
    base::log_write(base::LogLevel::info, line);
  }
  return 0;
}

int load_text(lua_State* state) {
  constexpr std::size_t kMaxText = 1UL << 20;  // the compiler cannot be interrupted
  std::size_t size = 0;
  const char* const text = luaL_checklstring(state, 1, &size);
  luaL_argcheck(state, size <= kMaxText, 1, "more than 1 MB of program");
  if (luaL_loadbufferx(state, text, size, luaL_optstring(state, 2, text), "t") == 0) return 1;
  lua_pushnil(state);
  lua_insert(state, -2);
  return 2;
}

int count_memory(lua_State* state) {
  if (std::strcmp(luaL_optstring(state, 1, "collect"), "count") == 0) {
    lua_pushnumber(state, static_cast<double>(Vm::of(state).memory()) / 1024);
    return 1;
  }
  lua_pushliteral(
      state, "collectgarbage: only \"count\" is available in routing scripts: the server collects");
  return raise(state);
}

/// A handler's own coroutine is the server's: the script cannot get hold of it, as it cannot of a
/// main program.
int running(lua_State* state) {
  const auto& bindings = *static_cast<const Bindings*>(Vm::of(state).owner());
  if (state == bindings.moment->coroutine) return 0;
  lua_pushthread(state);
  return 1;
}

/// setfenv and getfenv of functions; level 0 would reach the coroutine, which serves other requests
/// later.
int environment(lua_State* state) {
  if (lua_isnumber(state, 1) && lua_tointeger(state, 1) == 0) {
    lua_pushliteral(state, "setfenv and getfenv: level 0 is not available in routing scripts");
    return raise(state);
  }
  const int arguments = lua_gettop(state);
  // The level counts this function as one.
  if (lua_isnumber(state, 1)) {
    lua_pushinteger(state, lua_tointeger(state, 1) + 1);
    lua_replace(state, 1);
  } else if (lua_isnoneornil(state, 1)) {
    lua_settop(state, 0);
    lua_pushinteger(state, 2);
  }
  lua_pushvalue(state, lua_upvalueindex(1));
  lua_insert(state, 1);
  lua_call(state, arguments > 0 ? arguments : 1, 1);
  return 1;
}

/// debug.getinfo without the function itself: it could be one of those that are not to be had.
int getinfo(lua_State* state) {
  // The level counts this function as one; a coroutine has levels of its own.
  if (lua_isnumber(state, 1)) {
    lua_pushnumber(state, lua_tonumber(state, 1) + 1);
    lua_replace(state, 1);
  }
  lua_pushvalue(state, lua_upvalueindex(1));
  lua_insert(state, 1);
  lua_call(state, lua_gettop(state) - 1, 1);
  if (!lua_istable(state, -1)) return 1;
  lua_pushnil(state);
  lua_setfield(state, -2, "func");
  return 1;
}

void open(lua_State* state, lua_CFunction library, const char* name) {
  lua_pushcfunction(state, library);
  lua_pushstring(state, name);
  lua_call(state, 1, 0);
}

void restrict_debug(lua_State* state) {
  lua_getglobal(state, "debug");
  lua_createtable(state, 0, 2);
  lua_getfield(state, -2, "traceback");
  lua_setfield(state, -2, "traceback");
  lua_getfield(state, -2, "getinfo");
  lua_pushcclosure(state, getinfo, 1);
  lua_setfield(state, -2, "getinfo");
  explain(state, "debug");
  lua_setglobal(state, "debug");
  lua_pop(state, 1);
}

}  // namespace

void open_libraries(lua_State* state) {
  open(state, luaopen_base, "");
  open(state, luaopen_table, LUA_TABLIBNAME);
  open(state, luaopen_string, LUA_STRLIBNAME);
  open(state, luaopen_math, LUA_MATHLIBNAME);
  open(state, luaopen_os, LUA_OSLIBNAME);
  open(state, luaopen_bit, LUA_BITLIBNAME);
  open(state, luaopen_debug, LUA_DBLIBNAME);
  restrict_debug(state);
  for (const Refused& function : refused_functions()) disarm(state, function);

  lua_newtable(state);
  explain(state, "io");
  lua_setglobal(state, "io");
  lua_newtable(state);
  lua_pushliteral(state, LUAJIT_VERSION);
  lua_setfield(state, -2, "version");
  explain(state, "jit");
  lua_setglobal(state, "jit");

  lua_register(state, "print", print);
  lua_register(state, "load", load_text);
  lua_register(state, "loadstring", load_text);
  lua_register(state, "collectgarbage", count_memory);
  for (const char* const name : {"setfenv", "getfenv"}) {
    lua_getglobal(state, name);
    lua_pushcclosure(state, environment, 1);
    lua_setglobal(state, name);
  }
  lua_getglobal(state, "coroutine");
  lua_pushcfunction(state, running);
  lua_setfield(state, -2, "running");
  lua_pop(state, 1);
  check_calls(state);
  bound_patterns(state);
  bound_tables(state);
}

}  // namespace opensips::routing::lua
