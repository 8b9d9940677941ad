#include "lp_routing/lua/modules.hh"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

#include <lua.hpp>

#include <fmt/format.h>

#include "lp_routing/lua/bindings.hh"
#include "lp_routing/lua/script_error.hh"

namespace opensips::routing::lua {
namespace {

// In the registry, so that a script's own `package` cannot break require.
constexpr char kLoaded[] = "opensips.loaded";
constexpr char kPackage[] = "opensips.package";

enum class Found : std::uint8_t {
  chunk,    // it is on the top of the stack
  nothing,  // why is on the top of the stack
  broken,   // what is wrong in the file is on the top of the stack, with its place
};

/// Loads the first file that there is for the name.
Found find_chunk(lua_State* state, Files& files, std::string_view name, std::string_view path) {
  std::string tried;
  for (const auto& file : files_of(name, path)) {
    const auto& text = files.read(file);
    if (text) {
      const auto name_in_errors = "@" + file;
      if (luaL_loadbufferx(state, text->data(), text->size(), name_in_errors.c_str(), "t") == 0) {
        return Found::chunk;
      }
      const char* const why = lua_tostring(state, -1);
      const std::string whole = with_column(why ? why : "cannot be compiled", file, *text);
      lua_pushlstring(state, whole.data(), whole.size());
      return Found::broken;
    }
    if (!tried.empty()) tried += ", ";
    tried += text.error().missing ? file : fmt::format("{}: {}", file, text.error().reason);
  }
  const std::string why = not_found(name, tried);
  lua_pushlstring(state, why.data(), why.size());
  return Found::nothing;
}

Found load_module(lua_State* state, Files& files, const char* name) {
  const auto& bindings = *static_cast<const Bindings*>(Vm::of(state).owner());
  if (bindings.moment->place != kTopLevel) {
    lua_pushfstring(state, "require '%s': files are read at the top level of the script only",
                    name);
    return Found::nothing;
  }
  if (std::strcmp(name, "ffi") == 0) {
    lua_pushliteral(state,
                    "module 'ffi' is not available in routing scripts: it could end the server");
    return Found::nothing;
  }
  if (!is_module_name(name)) {
    lua_pushfstring(state, "require: '%s' is not the name of a module", name);
    return Found::nothing;
  }
  lua_getfield(state, LUA_REGISTRYINDEX, kPackage);
  lua_getfield(state, -1, "path");
  const char* const path = lua_tostring(state, -1);
  return find_chunk(state, files, name, path ? path : "");
}

int require(lua_State* state) {
  const char* const name = luaL_checkstring(state, 1);
  lua_settop(state, 1);
  lua_getfield(state, LUA_REGISTRYINDEX, kLoaded);
  lua_getfield(state, 2, name);
  if (lua_islightuserdata(state, -1)) {
    lua_pushfstring(state, "module '%s' requires itself, directly or through another one", name);
    return raise(state);
  }
  if (!lua_isnil(state, -1)) return 1;
  auto& files = *static_cast<Files*>(lua_touserdata(state, lua_upvalueindex(1)));
  const Found found = load_module(state, files, name);
  if (found != Found::chunk) return found == Found::nothing ? raise(state) : lua_error(state);
  lua_pushlightuserdata(state, const_cast<char*>(kLoaded));
  lua_setfield(state, 2, name);
  lua_pushvalue(state, 1);
  if (lua_pcall(state, 1, 1, 0) != 0) {
    lua_pushnil(state);
    lua_setfield(state, 2, name);
    return lua_error(state);
  }
  if (lua_isnil(state, -1)) lua_pushboolean(state, 1);
  lua_pushvalue(state, -1);
  lua_setfield(state, 2, name);
  return 1;
}

int refuse_c_modules(lua_State* state) {
  const char* const key = lua_tostring(state, 2);
  if (key && (std::strcmp(key, "cpath") == 0 || std::strcmp(key, "loadlib") == 0)) {
    lua_pushfstring(
        state,
        "package.%s is not available in routing scripts: C libraries are modules of the server",
        key);
    return raise(state);
  }
  return 0;
}

}  // namespace

bool is_module_name(std::string_view name) {
  if (name.empty() || name.size() > 128 || name.front() == '.' || name.back() == '.') return false;
  for (const char c : name) {
    const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == '-' || c == '.';
    if (!good) return false;
  }
  return name.find("..") == std::string_view::npos;
}

std::vector<std::string> files_of(std::string_view name, std::string_view path) {
  std::string file_name(name);
  std::ranges::replace(file_name, '.', '/');
  std::vector<std::string> files;
  while (!path.empty()) {
    std::string file(path.substr(0, path.find(';')));
    path.remove_prefix(std::min(path.size(), file.size() + 1));
    for (std::size_t at = 0; (at = file.find('?', at)) != std::string::npos;
         at += file_name.size()) {
      file.replace(at, 1, file_name);
    }
    files.push_back(std::move(file));
  }
  return files;
}

std::string not_found(std::string_view name, std::string_view tried) {
  return fmt::format(
      "module '{0}' not found: expected loadmodule \"{0}.so\" in opensips.cfg, or a Lua file "
      "(looked for {1})",
      name, tried);
}

std::string search_path(std::string_view list) {
  std::string path;
  while (!list.empty()) {
    const auto entry = list.substr(0, list.find(';'));
    list.remove_prefix(std::min(list.size(), entry.size() + 1));
    if (entry.empty()) continue;
    if (!path.empty()) path += ';';
    const bool pattern = entry.find('?') != std::string_view::npos;
    path += pattern ? std::string(entry) : fmt::format("{0}/?.lua;{0}/?/init.lua", entry);
  }
  return path;
}

void open_modules(lua_State* state, const std::string& path, Files& files) {
  lua_newtable(state);
  lua_pushvalue(state, -1);
  lua_setfield(state, LUA_REGISTRYINDEX, kPackage);
  lua_pushlstring(state, path.data(), path.size());
  lua_setfield(state, -2, "path");
  lua_newtable(state);
  lua_pushvalue(state, -1);
  lua_setfield(state, LUA_REGISTRYINDEX, kLoaded);
  lua_setfield(state, -2, "loaded");
  lua_createtable(state, 0, 1);
  lua_pushcfunction(state, refuse_c_modules);
  lua_setfield(state, -2, "__index");
  lua_setmetatable(state, -2);
  lua_setglobal(state, "package");
  lua_pushlightuserdata(state, &files);
  lua_pushcclosure(state, require, 1);
  lua_setglobal(state, "require");
  for (const char* const name : {"string", "table", "math", "os", "bit", "coroutine", "debug"}) {
    lua_getglobal(state, name);
    add_module(state, name);
  }
}

void add_module(lua_State* state, std::string_view name) {
  lua_getfield(state, LUA_REGISTRYINDEX, kLoaded);
  lua_pushlstring(state, name.data(), name.size());
  lua_pushvalue(state, -3);
  lua_rawset(state, -3);
  lua_pop(state, 2);
}

}  // namespace opensips::routing::lua
