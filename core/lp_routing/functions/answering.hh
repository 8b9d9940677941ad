#pragma once

#include <string_view>

#include "base/result.hh"
#include "lp_routing/functions/function.hh"

namespace opensips::routing {

/// For a module's function that answers the request it is called for, as request:reply() does. An
/// empty reason is the usual one; `headers` are whole lines, each with its CRLF. Errors: gone when
/// a final answer was given before, malformed for a code out of range or control characters in the
/// reason, unsupported for an ACK.
base::Result<void> reply(const Call& call, unsigned code, std::string_view reason = {},
                         std::string_view headers = {});

/// Leaves the request without an answer, as request:drop() does.
void drop(const Call& call);

}  // namespace opensips::routing
