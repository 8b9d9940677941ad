#pragma once

#include <span>
#include <string_view>

namespace opensips::routing::lua {

/// What Lua's libraries have and routing scripts do not: it would hold up the worker, or end it.
struct Refused {
  const char* library;  ///< nullptr: a global
  const char* name;     ///< nullptr: whatever else there is in the library
  const char* advice;   ///< why, or what to use
};

/// Functions that say so when they are called.
std::span<const Refused> refused_functions();
/// Libraries that say so when what they lack is read.
std::span<const Refused> refused_libraries();

}  // namespace opensips::routing::lua
