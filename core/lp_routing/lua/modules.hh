#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lp_routing/lua/files.hh"

struct lua_State;

namespace opensips::routing::lua {

/// Makes `require` and `package.path`; `require(name)` for what is in `package.loaded` or, at the
/// top level, a Lua file found through the path ("dir/?.lua;…"). `files` is used until the top
/// level has ended. Under Vm::protect().
void open_modules(lua_State* state, const std::string& path, Files& files);

/// The patterns of a list of patterns and directories: "dir" is "dir/?.lua;dir/?/init.lua".
std::string search_path(std::string_view list);

/// Whether require takes it for the name of a file.
bool is_module_name(std::string_view name);
/// Where require looks for it: the files of a search_path(), in that order.
std::vector<std::string> files_of(std::string_view name, std::string_view path);
/// What require says when it is in none of those.
std::string not_found(std::string_view name, std::string_view tried);

/// Puts the value on the top of the stack into package.loaded and takes it off.
void add_module(lua_State* state, std::string_view name);

}  // namespace opensips::routing::lua
