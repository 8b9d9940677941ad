#pragma once

#include <cstdint>
#include <string_view>

namespace opensips::parser {

/// The first line of a message (RFC 3261 7.1, 7.2), cut into its parts; the Request-URI is not
/// looked into.
struct StartLine {
  enum class Kind : std::uint8_t {
    none,  ///< not SIP: no SIP-Version where one belongs, no method, no status code
    request,
    response,
  };
  Kind kind = Kind::none;
  bool version_2 = false;  ///< SIP/2.0
  bool clean = true;       ///< false: white space or control bytes where none may be
  std::uint16_t code = 0;  ///< of a response: 100 to 699
  std::string_view method;
  std::string_view uri;
  std::string_view reason;

  static StartLine parse(std::string_view line);
};

}  // namespace opensips::parser
