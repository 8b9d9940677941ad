#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace opensips::routing {

/// `"display" <uri>;params` (RFC 3261 20.10): a display name as it is to be read, without quotes.
/// Nothing if what was put in does not come out when it is read again.
std::optional<std::string> address_text(std::string_view display, std::string_view uri,
                                        std::string_view params);

}  // namespace opensips::routing
