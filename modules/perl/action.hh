#pragma once

#include <string>
#include <vector>

#include "lp_routing/functions/function.hh"
#include "perl/data.hh"

namespace opensips::perl {

/// Something that a handler wants done with the request, on its worker, once it has ended: a call
/// of one of the functions that scripts in Lua call at once.
struct Action {
  const routing::Function* row;
  routing::Object self;
  std::vector<Data> arguments;
  /// Of a function that waits: the handlers that run with what it gave. Empty: none.
  std::string on_reply, on_failure;
  std::string place;  ///< in the script, "route.pl:12"
};

}  // namespace opensips::perl
