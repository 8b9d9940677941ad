#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lua.hpp>

#include "storage/value.hh"

/// Values of a test's Lua state. None of these raises an error of Lua but for want of memory.
namespace opensips::script_test {

/// The text at that place; empty if there is none.
std::string text_at(lua_State* state, int place);
/// The whole number at that place; 0 if there is none.
std::int64_t integer_at(lua_State* state, int place);
/// The texts in the list at that place; empty if it is none.
std::vector<std::string> texts_at(lua_State* state, int place);
/// nil is NULL, true 1, false 0.
storage::Value value_at(lua_State* state, int place);
/// A value, or a list of such: a row for each (storage/reply_tree.hh). Lists that lie too deep are
/// NULL.
void add_tree(lua_State* state, int place, std::vector<storage::Row>& rows, int depth = 0);

void push(lua_State* state, std::string_view text);
void push(lua_State* state, const std::vector<std::string>& texts);
/// `table[name] = text` of the table on top.
void set_field(lua_State* state, const char* name, std::string_view text);

}  // namespace opensips::script_test
