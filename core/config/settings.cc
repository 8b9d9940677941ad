#include "config/settings.hh"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#if __has_include("config.h")
#include "config.h"
#endif

// A build by hand, without configure.
#ifndef OPENSIPS_LUA_DIR
#define OPENSIPS_LUA_DIR "/usr/local/share/opensips/lua"
#endif
#ifndef OPENSIPS_MODULE_DIR
#define OPENSIPS_MODULE_DIR "/usr/local/lib/opensips/modules"
#endif
#ifndef OPENSIPS_RUN_DIR
#define OPENSIPS_RUN_DIR "/usr/local/var/run/opensips"
#endif

namespace opensips::config {

std::string installed_lua_path() {
  return OPENSIPS_LUA_DIR;
}

std::string installed_module_path() {
  return OPENSIPS_MODULE_DIR;
}

std::string run_directory() {
  return OPENSIPS_RUN_DIR;
}

std::string installed_fifo() {
  return OPENSIPS_RUN_DIR "/opensips_fifo";
}

std::string temporary_directory() {
  return P_tmpdir;
}

bool Settings::names_module(std::string_view module) const {
  const auto prefix = fmt::format("{}:", module);
  return std::ranges::find(modules, module, &Module::name) != modules.end() ||
         std::ranges::any_of(positions,
                             [&](const auto& one) { return one.first.starts_with(prefix); });
}

std::string Settings::place(Position at) const {
  const std::string_view file = at.file < files.size() ? std::string_view(files[at.file]) : "";
  if (at.line == 0) return std::string(file);
  return fmt::format("{}:{}:{}", file, at.line, at.column);
}

std::string Settings::place(std::string_view name) const {
  const auto found = positions.find(name);
  return place(found == positions.end() ? Position{} : found->second);
}

}  // namespace opensips::config
