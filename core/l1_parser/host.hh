#pragma once

#include <arpa/inet.h>

#include <cstdint>

#include "l1_parser/chars.hh"

namespace opensips::parser {

/// Whether the text between the brackets is an IPv6 address (RFC 4291 2.2). The grammar of RFC 3261
/// takes more: `:::` (RFC 5118 4.10).
inline bool is_ipv6(std::string_view text) {
  char copy[INET6_ADDRSTRLEN];
  if (text.size() >= sizeof copy) return false;
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = '\0';
  in6_addr address;
  return inet_pton(AF_INET6, copy, &address) == 1;
}

/// The end of the host that begins at `at` (hostname, IPv4address, IPv6reference), or nullptr if
/// there is none. A trailing dot and '_' are taken; empty labels are not.
inline const char* skip_host(const char* at, const char* end) {
  if (at == end) return nullptr;
  const char* const begin = at;
  if (*at == '[') {
    do {
      ++at;
    } while (at != end && (chars::hex(*at) >= 0 || *at == ':' || *at == '.'));
    if (at == end || *at != ']') return nullptr;
    return is_ipv6(chars::between(begin + 1, at)) ? at + 1 : nullptr;
  }
  for (;;) {
    const char* const label = at;
    at = chars::skip(at, end, chars::label);
    if (at == end || *at != '.') return at == begin ? nullptr : at;
    if (at == label) return nullptr;
    ++at;
  }
}

/// Reads the digits of a port; the place behind them, or nullptr if there are none or the number is
/// no port.
inline const char* read_port(const char* at, const char* end, std::uint16_t& port) {
  std::uint32_t number = 0;
  at = chars::read_number(at, end, 65535, number);
  port = static_cast<std::uint16_t>(number);
  return at;
}

}  // namespace opensips::parser
