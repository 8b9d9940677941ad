#pragma once

#include <span>
#include <string_view>

namespace opensips::routing {

/// What an operator of OpenSIPS 3 or Kamailio knows, and what it is called here. For the manual.
struct OtherName {
  std::string_view opensips;  ///< empty: it has none
  std::string_view kamailio;  ///< likewise
  std::string_view ours;      ///< full names of rows, divided by ", "; empty: none is needed
  std::string_view note;
};
std::span<const OtherName> other_names();

}  // namespace opensips::routing
