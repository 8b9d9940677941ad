#pragma once

#include <string>

#include "lp_routing/functions/function.hh"
#include "lp_routing/value.hh"

namespace opensips::routing {

/// Adds a line for each header of a table of options (values by name, or lists of values). Nil, or
/// a Misuse that says what is wrong: with text that is none for a header, or with a header that the
/// server writes itself. `of_request`: into a request, in which it writes more of them.
Value add_header_lines(const Call& call, const Value::Map& headers, bool of_request,
                       std::string& lines);

}  // namespace opensips::routing
