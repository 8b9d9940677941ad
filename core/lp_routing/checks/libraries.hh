#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace opensips::routing::checks {

/// What a script finds without require: functions, libraries and `sip`.
bool is_global(std::string_view name);
std::vector<std::string_view> globals();

/// The libraries of Lua: "string".
bool is_library(std::string_view name);
bool has(std::string_view library, std::string_view name);
/// "string has no function 'fnd': did you mean 'find'?"
std::string unknown_function(std::string_view library, std::string_view name);

/// Why a script may not use it, "os.exit is not available …"; empty: it may. Without a library: of
/// a global. `read`: it is enough to read it.
struct Refusal {
  std::string text;
  bool read = false;
};
Refusal refusal_of(std::string_view library, std::string_view name);

}  // namespace opensips::routing::checks
