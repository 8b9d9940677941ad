#pragma once

#include <expected>
#include <string>
#include <string_view>

struct lua_State;

namespace opensips::routing::lua {

/// Makes `require` and `package.path`; `require(name)` for what is in `package.loaded` or, at the
/// top level, a Lua file found through the path ("dir/?.lua;…"). Under Vm::protect().
void open_modules(lua_State* state, const std::string& path);

/// The patterns of a list of patterns and directories: "dir" is "dir/?.lua;dir/?/init.lua".
std::string search_path(std::string_view list);

/// Puts the value on the top of the stack into package.loaded and takes it off.
void add_module(lua_State* state, const char* name);

/// The whole file, or why it cannot be read.
std::expected<std::string, std::string> read_file(const std::string& path);

}  // namespace opensips::routing::lua
