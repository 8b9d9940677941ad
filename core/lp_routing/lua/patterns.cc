#include "lp_routing/lua/patterns.hh"

#include <algorithm>
#include <cstring>
#include <string_view>

#include <lua.hpp>

#include "lp_routing/lua/pattern.hh"
#include "lp_routing/lua/vm.hh"

// Everything on the stack here is plain: an error may leave any of these functions at any call.
namespace opensips::routing::lua {
namespace {

std::string_view check_text(lua_State* state, int index) {
  std::size_t size = 0;
  const char* const text = luaL_checklstring(state, index, &size);
  return {text, size};
}

Pattern make(std::string_view pattern, std::string_view subject, lua_State* state) {
  return Pattern(
      pattern, subject,
      [](void* context) {
        auto* const running = static_cast<lua_State*>(context);
        return Vm::of(running).must_stop(running);
      },
      state);
}

void check_fault(lua_State* state, const Pattern& pattern) {
  if (pattern.fault() == Pattern::Fault::malformed) luaL_error(state, "%s", pattern.why());
  if (pattern.fault() == Pattern::Fault::interrupted)
    luaL_error(state, "the pattern takes too long");
}

/// Where to begin, from 0, as Lua's functions take it: from 1, negative from the end.
std::size_t start_of(lua_State* state, int index, std::size_t size) {
  const auto given = luaL_optinteger(state, index, 1);
  const auto length = static_cast<lua_Integer>(size);
  if (given > 0) return static_cast<std::size_t>(given) - 1;
  return static_cast<std::size_t>(given < 0 ? std::max<lua_Integer>(length + given, 0) : 0);
}

void push_capture(lua_State* state, const Pattern::Capture& capture, const char* subject) {
  if (capture.size == Pattern::Capture::kPosition) {
    lua_pushinteger(state, capture.begin - subject + 1);
  } else {
    lua_pushlstring(state, capture.begin, static_cast<std::size_t>(capture.size));
  }
}

/// The captures, or with `whole` the whole match if there are none. How many were pushed.
int push_captures(lua_State* state, const Pattern& pattern, const char* subject, bool whole) {
  if (pattern.captures() == 0 && whole) {
    lua_pushlstring(state, pattern.begin(),
                    static_cast<std::size_t>(pattern.end() - pattern.begin()));
    return 1;
  }
  const int count = static_cast<int>(pattern.captures());
  luaL_checkstack(state, count, "too many captures");
  for (int i = 0; i < count; ++i) push_capture(state, pattern.capture(i), subject);
  return count;
}

int find_plainly(lua_State* state, std::string_view subject, std::string_view wanted,
                 std::size_t start) {
  const void* const found =
      memmem(subject.data() + start, subject.size() - start, wanted.data(), wanted.size());
  if (!found) {
    lua_pushnil(state);
    return 1;
  }
  const auto at = static_cast<const char*>(found) - subject.data();
  lua_pushinteger(state, at + 1);
  lua_pushinteger(state, at + static_cast<std::ptrdiff_t>(wanted.size()));
  return 2;
}

int search(lua_State* state, bool find) {
  const auto subject = check_text(state, 1);
  const auto wanted = check_text(state, 2);
  const std::size_t start = std::min(start_of(state, 3, subject.size()), subject.size());
  const bool plain = wanted.find_first_of("^$*+?.([%-") == std::string_view::npos;
  if (find && (plain || lua_toboolean(state, 4)))
    return find_plainly(state, subject, wanted, start);
  Pattern pattern = make(wanted, subject, state);
  const bool found = pattern.search(start);
  check_fault(state, pattern);
  if (!found) {
    lua_pushnil(state);
    return 1;
  }
  if (!find) return push_captures(state, pattern, subject.data(), true);
  lua_pushinteger(state, pattern.begin() - subject.data() + 1);
  lua_pushinteger(state, pattern.end() - subject.data());
  return 2 + push_captures(state, pattern, subject.data(), false);
}

int find(lua_State* state) {
  return search(state, true);
}
int match(lua_State* state) {
  return search(state, false);
}

int gmatch_next(lua_State* state) {
  const auto subject = check_text(state, lua_upvalueindex(1));
  const auto wanted = check_text(state, lua_upvalueindex(2));
  const auto start = static_cast<std::size_t>(lua_tointeger(state, lua_upvalueindex(3)));
  if (start > subject.size()) return 0;
  Pattern pattern = make(wanted, subject, state);
  pattern.take_anchor_literally();
  const bool found = pattern.search(start);
  check_fault(state, pattern);
  if (!found) return 0;
  const auto next = pattern.end() - subject.data() + (pattern.end() == pattern.begin());
  lua_pushinteger(state, next);
  lua_replace(state, lua_upvalueindex(3));
  return push_captures(state, pattern, subject.data(), true);
}

int gmatch(lua_State* state) {
  check_text(state, 1);
  check_text(state, 2);
  lua_settop(state, 2);
  lua_pushinteger(state, 0);
  lua_pushcclosure(state, gmatch_next, 3);
  return 1;
}

/// The replacement text, with %0 to %9 filled in.
void add_text(lua_State* state, luaL_Buffer& buffer, const Pattern& pattern, const char* subject) {
  const auto text = check_text(state, 3);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      luaL_addchar(&buffer, text[i]);
      continue;
    }
    const char next = ++i < text.size() ? text[i] : '\0';
    if (next < '0' || next > '9') {
      luaL_addchar(&buffer, next);
    } else if (next == '0' || (next == '1' && pattern.captures() == 0)) {
      luaL_addlstring(&buffer, pattern.begin(),
                      static_cast<std::size_t>(pattern.end() - pattern.begin()));
    } else {
      const auto index = static_cast<std::size_t>(next - '1');
      if (index >= pattern.captures()) luaL_error(state, "invalid capture index");
      push_capture(state, pattern.capture(index), subject);
      luaL_addvalue(&buffer);
    }
  }
}

/// What a table or a function says; false or nil: the match stays.
void add_looked_up(lua_State* state, luaL_Buffer& buffer, const Pattern& pattern,
                   const char* subject) {
  if (lua_type(state, 3) == LUA_TFUNCTION) {
    lua_pushvalue(state, 3);
    lua_call(state, push_captures(state, pattern, subject, true), 1);
  } else {
    lua_pop(state, push_captures(state, pattern, subject, true) - 1);
    lua_gettable(state, 3);
  }
  if (!lua_toboolean(state, -1)) {
    lua_pop(state, 1);
    lua_pushlstring(state, pattern.begin(),
                    static_cast<std::size_t>(pattern.end() - pattern.begin()));
  } else if (!lua_isstring(state, -1)) {
    luaL_error(state, "invalid replacement value (a %s)", luaL_typename(state, -1));
  }
  luaL_addvalue(&buffer);
}

int gsub(lua_State* state) {
  const auto subject = check_text(state, 1);
  const auto wanted = check_text(state, 2);
  const int type = lua_type(state, 3);
  luaL_argcheck(
      state,
      type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION || type == LUA_TTABLE, 3,
      "string/function/table expected");
  const auto most = luaL_optinteger(state, 4, static_cast<lua_Integer>(subject.size()) + 1);
  Pattern pattern = make(wanted, subject, state);
  luaL_Buffer buffer;
  luaL_buffinit(state, &buffer);
  lua_Integer count = 0;
  std::size_t at = 0;
  while (count < most) {
    const char* const end = pattern.match_at(at);
    check_fault(state, pattern);
    if (end) {
      ++count;
      const bool text = type == LUA_TSTRING || type == LUA_TNUMBER;
      (text ? add_text : add_looked_up)(state, buffer, pattern, subject.data());
    }
    if (end && end > pattern.begin()) {
      at = static_cast<std::size_t>(end - subject.data());
    } else if (at < subject.size()) {
      luaL_addchar(&buffer, subject[at++]);
    } else {
      break;
    }
    if (pattern.anchored()) break;
  }
  luaL_addlstring(&buffer, subject.data() + at, subject.size() - at);
  luaL_pushresult(&buffer);
  lua_pushinteger(state, count);
  return 2;
}

/// Of nothing, however often, there is nothing: Lua's own counts all the same.
int rep(lua_State* state) {
  if (check_text(state, 1).empty() && lua_isnoneornil(state, 3)) {
    lua_pushliteral(state, "");
    return 1;
  }
  const int arguments = lua_gettop(state);
  lua_pushvalue(state, lua_upvalueindex(1));
  lua_insert(state, 1);
  lua_call(state, arguments, 1);
  return 1;
}

}  // namespace

void bound_patterns(lua_State* state) {
  lua_getglobal(state, "string");
  constexpr luaL_Reg kFunctions[] = {
      {"find", find}, {"match", match}, {"gmatch", gmatch}, {"gsub", gsub}};
  for (const auto& [name, function] : kFunctions) {
    lua_pushcfunction(state, function);
    lua_setfield(state, -2, name);
  }
  lua_getfield(state, -1, "rep");
  lua_pushcclosure(state, rep, 1);
  lua_setfield(state, -2, "rep");
  lua_pop(state, 1);
}

}  // namespace opensips::routing::lua
