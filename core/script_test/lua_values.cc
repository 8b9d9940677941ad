#include "script_test/lua_values.hh"

#include <cmath>
#include <cstddef>
#include <utility>

#include "storage/reply_tree.hh"

namespace opensips::script_test {
namespace {

constexpr int kDeepest = 8;  // lists in lists: each takes a place on the stack of Lua

int absolute(lua_State* state, int place) {
  return place < 0 ? lua_gettop(state) + place + 1 : place;
}

}  // namespace

std::string text_at(lua_State* state, int place) {
  const int kind = lua_type(state, place);
  if (kind != LUA_TSTRING && kind != LUA_TNUMBER) return {};
  std::size_t size = 0;
  lua_pushvalue(state, place);  // what it becomes is a copy
  const char* const bytes = lua_tolstring(state, -1, &size);
  std::string text(bytes, size);
  lua_pop(state, 1);
  return text;
}

std::int64_t integer_at(lua_State* state, int place) {
  return static_cast<std::int64_t>(lua_tonumber(state, place));
}

std::vector<std::string> texts_at(lua_State* state, int place) {
  std::vector<std::string> texts;
  if (!lua_istable(state, place)) return texts;
  place = absolute(state, place);
  const int size = static_cast<int>(lua_objlen(state, place));
  for (int i = 1; i <= size; ++i) {
    lua_rawgeti(state, place, i);
    texts.push_back(text_at(state, -1));
    lua_pop(state, 1);
  }
  return texts;
}

storage::Value value_at(lua_State* state, int place) {
  switch (lua_type(state, place)) {
    case LUA_TBOOLEAN: return std::int64_t{lua_toboolean(state, place)};
    case LUA_TSTRING: return text_at(state, place);
    case LUA_TNUMBER: {
      const double number = lua_tonumber(state, place);
      if (std::trunc(number) != number) return number;
      return static_cast<std::int64_t>(number);
    }
    default: return std::monostate();
  }
}

void add_tree(lua_State* state, int place, std::vector<storage::Row>& rows, int depth) {
  if (!lua_istable(state, place) || depth == kDeepest) {
    rows.push_back(storage::value_row(value_at(state, place)));
    return;
  }
  place = absolute(state, place);
  const int size = static_cast<int>(lua_objlen(state, place));
  rows.push_back(storage::list_row(static_cast<std::size_t>(size)));
  for (int i = 1; i <= size; ++i) {
    lua_rawgeti(state, place, i);
    add_tree(state, -1, rows, depth + 1);
    lua_pop(state, 1);
  }
}

void push(lua_State* state, std::string_view text) {
  lua_pushlstring(state, text.data(), text.size());
}

void push(lua_State* state, const std::vector<std::string>& texts) {
  lua_createtable(state, static_cast<int>(texts.size()), 0);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    push(state, texts[i]);
    lua_rawseti(state, -2, static_cast<int>(i) + 1);
  }
}

void set_field(lua_State* state, const char* name, std::string_view text) {
  push(state, text);
  lua_setfield(state, -2, name);
}

}  // namespace opensips::script_test
