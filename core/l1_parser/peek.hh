#pragma once

#include <cstdint>
#include <string_view>

namespace opensips::parser {

/// What a datagram is, and whose: all that is needed before the hop to its owner. Allocates
/// nothing, and reads with the scanner that the parser reads with, so that the two cannot disagree.
struct Peek {
  enum class Kind : std::uint8_t {
    request,
    response,
    crlf,     ///< a keepalive: nothing but CR and LF (RFC 5626 3.5.1)
    stun,     ///< first byte 0 or 1 and the magic cookie (RFC 5389)
    garbage,  ///< neither SIP nor a keepalive: to be dropped
  };
  Kind kind = Kind::garbage;
  std::string_view call_id;  ///< of the first Call-ID header; empty if there is none
};

Peek peek(std::string_view bytes);

/// The Call-ID that peek() finds in a message, for who wants nothing else: in one that is written
/// as almost all are it is found in a third of the time. Of what is no message anything.
std::string_view call_id_of(std::string_view bytes);

/// The port of the sent-by of a request's top Via if that has `alias` (RFC 5923 8): where its
/// sender takes requests. 0: it has none, or cannot be read.
std::uint16_t alias_port(std::string_view bytes);

}  // namespace opensips::parser
