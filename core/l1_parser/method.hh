#pragma once

#include <cstdint>
#include <string_view>

namespace opensips::parser {

/// The methods that something in the server treats differently; `other` is any further token.
enum class Method : std::uint8_t {
  invite,
  ack,
  bye,
  cancel,
  options,
  register_,
  prack,
  update,
  refer,
  info,
  message,
  subscribe,
  notify,
  publish,
  other,
};

/// Methods are case-sensitive (RFC 3261 7.1).
Method method_of(std::string_view text);
std::string_view to_string(Method method);

}  // namespace opensips::parser
