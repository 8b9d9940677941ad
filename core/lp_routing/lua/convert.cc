#include "lp_routing/lua/convert.hh"

#include <algorithm>
#include <cmath>
#include <new>

#include <lua.hpp>

#include <fmt/format.h>

#include "lp_routing/lua/vm.hh"

namespace opensips::routing::lua {
namespace {

constexpr int kMaxDepth = 16;
constexpr std::size_t kMaxEntries = 10'000;
constexpr std::size_t kUsualNames = 4;  // that a table has: room for them is made at once

std::string_view text_at(lua_State* state, int index) {
  std::size_t size = 0;
  const char* const text = lua_tolstring(state, index, &size);
  return {text, size};
}

void read_number(lua_State* state, int index, Value& to) {
  const double number = lua_tonumber(state, index);
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (std::trunc(number) == number && std::fabs(number) <= kExact) {
    to.any.emplace<std::int64_t>(static_cast<std::int64_t>(number));
  } else {
    to.any.emplace<double>(number);
  }
}

// What is read is made where it is to be: `to` is nil before.
bool read(lua_State* state, int index, int depth, std::size_t& budget, Value& to, std::string& why);

bool read_list(lua_State* state, int index, std::size_t size, int depth, std::size_t& budget,
               Value& to, std::string& why) {
  auto& list = to.any.emplace<Value::List>();
  list.reserve(std::min(size, kMaxEntries));
  for (std::size_t i = 1; i <= size; ++i) {
    lua_rawgeti(state, index, static_cast<int>(i));
    const bool good = read(state, lua_gettop(state), depth, budget, list.emplace_back(), why);
    lua_pop(state, 1);
    if (!good) return false;
  }
  std::size_t entries = 0;
  for (lua_pushnil(state); lua_next(state, index) != 0; lua_pop(state, 1)) ++entries;
  if (entries != size) {
    why = "mixes a list with named entries";
    return false;
  }
  return true;
}

bool read_map(lua_State* state, int index, int depth, std::size_t& budget, Value& to,
              std::string& why) {
  auto& map = to.any.emplace<Value::Map>();
  map.reserve(kUsualNames);
  lua_pushnil(state);
  while (lua_next(state, index) != 0) {
    if (lua_type(state, -2) != LUA_TSTRING) {
      why = "has a key that is not text";
      lua_pop(state, 2);
      return false;
    }
    auto& entry = map.emplace_back(text_at(state, -2));
    const bool good = read(state, lua_gettop(state), depth, budget, entry.value, why);
    lua_pop(state, 1);
    if (!good) {
      lua_pop(state, 1);
      return false;
    }
  }
  return true;
}

bool too_large(std::size_t& budget, std::string& why) {
  budget = 0;
  why = "is too large a table";
  return false;
}

bool read(lua_State* state, int index, int depth, std::size_t& budget, Value& to,
          std::string& why) {
  if (budget-- == 0 || depth > kMaxDepth) return too_large(budget, why);
  switch (lua_type(state, index)) {
    case LUA_TNONE:
    case LUA_TNIL: return true;
    case LUA_TBOOLEAN: to.any.emplace<bool>(lua_toboolean(state, index) != 0); return true;
    case LUA_TNUMBER: read_number(state, index, to); return true;
    case LUA_TSTRING: to.any.emplace<std::string_view>(text_at(state, index)); return true;
    case LUA_TFUNCTION: to.any.emplace<Value::Callback>(index); return true;
    case LUA_TUSERDATA:
      to.any.emplace<Object>(*static_cast<const Object*>(lua_touserdata(state, index)));
      return true;
    case LUA_TTABLE:
      if (!lua_checkstack(state, 4)) return too_large(budget, why);
      if (const std::size_t size = lua_objlen(state, index)) {
        return read_list(state, index, size, depth + 1, budget, to, why);
      }
      return read_map(state, index, depth + 1, budget, to, why);
    default: why = fmt::format("a {} cannot be passed", luaL_typename(state, index)); return false;
  }
}

struct Pusher {
  lua_State* state;

  void operator()(std::monostate) const { lua_pushnil(state); }
  void operator()(bool value) const { lua_pushboolean(state, value); }
  void operator()(std::int64_t value) const { lua_pushnumber(state, static_cast<double>(value)); }
  void operator()(double value) const { lua_pushnumber(state, value); }
  void operator()(std::string_view value) const {
    lua_pushlstring(state, value.data(), value.size());
  }
  void operator()(const std::string& value) const {
    lua_pushlstring(state, value.data(), value.size());
  }
  void operator()(const Object& object) const { push_object(state, object); }
  void operator()(const Value::List& list) const {
    luaL_checkstack(state, 4, nullptr);
    lua_createtable(state, static_cast<int>(list.size()), 0);
    for (std::size_t i = 0; i < list.size(); ++i) {
      push_data(state, list[i]);
      lua_rawseti(state, -2, static_cast<int>(i + 1));
    }
  }
  void operator()(const Value::Map& map) const {
    luaL_checkstack(state, 4, nullptr);
    lua_createtable(state, 0, static_cast<int>(map.size()));
    auto& names = Vm::of(state).names;
    for (const auto& [name, value] : map) {
      names.push(state, name);
      push_data(state, value);
      lua_rawset(state, -3);
    }
  }
  template <class Other>
  void operator()(const Other&) const {
    lua_pushnil(state);
  }
};

}  // namespace

bool value_at(lua_State* state, int index, Value& to, std::string& why) {
  std::size_t budget = kMaxEntries;
  return read(state, index, 0, budget, to, why);
}

void push_object(lua_State* state, const Object& object) {
  new (lua_newuserdata(state, sizeof(Object))) Object(object);
  lua_rawgeti(state, LUA_REGISTRYINDEX,
              Vm::of(state).metatables[static_cast<unsigned>(object.kind)]);
  lua_setmetatable(state, -2);
}

const Object* object_at(lua_State* state, int index) {
  if (lua_type(state, index) != LUA_TUSERDATA) return nullptr;
  return static_cast<const Object*>(lua_touserdata(state, index));
}

void push_data(lua_State* state, const Value& value) {
  std::visit(Pusher{state}, value.any);
}

}  // namespace opensips::routing::lua
