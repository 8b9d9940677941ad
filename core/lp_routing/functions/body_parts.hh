#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "l1_parser/message.hh"

namespace opensips::routing {

/// The body, or the part of a multipart body, of that type, as the edits leave it.
std::optional<std::string_view> body_part(const parser::Message& message, std::string_view type);

/// Puts a body of that type in the place of the one that there is, or adds it: a message with a
/// body of another type gets a multipart/mixed one. Nothing: takes it away. False if the result
/// would be too long.
bool set_body_part(parser::Message& message, std::string_view type,
                   std::optional<std::string_view> body);

}  // namespace opensips::routing
