#pragma once

#include <string>

#include "lp_routing/checks/syntax.hh"

namespace opensips::routing::checks {

/// Something in a script that is wrong, or looks so.
struct Finding {
  std::string file;
  Position at;
  bool is_error = false;    ///< the handler fails there; else it is only odd
  bool is_certain = false;  ///< whenever that is run; else there may be a reason
  std::string text;
  bool is_at_start = false;  ///< only as the script is loaded: if that went well, it was not run

  /// "route.lua:12:7: error: request has no field 'methd': did you mean 'method'? (certain)"
  std::string line() const;
};

}  // namespace opensips::routing::checks
