#pragma once

#include <string>
#include <string_view>

namespace opensips::routing::lua {

/// A message of Lua's compiler ("route.lua:3: '=' expected near 'x'") as "route.lua:3:8: …": with
/// the column of the token, if it stands only once in its line. `path` takes the place of what Lua
/// made of it. Other messages get the path before them.
std::string with_column(std::string_view message, std::string_view path, std::string_view source);

/// A traceback in one line, innermost first: "route.lua:12 in function 'choose' < route.lua:30".
std::string one_line(std::string_view traceback);

}  // namespace opensips::routing::lua
