#pragma once

#include <optional>
#include <string>

#include "l1_parser/uri.hh"

namespace opensips::routing {

/// The URI written from its parts; nothing if what was put in does not come out when it is read
/// again: so nothing can stand in a part that belongs to another.
std::optional<std::string> uri_text(const parser::Uri& parts);

}  // namespace opensips::routing
