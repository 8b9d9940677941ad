#pragma once

#include <cstdint>

#include "l1_parser/chars.hh"

namespace opensips::parser {

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
    // The longest textual form has 45 characters (RFC 4291 2.2), and none has less than "::".
    const auto size = static_cast<std::size_t>(at - begin - 1);
    return size >= 2 && size <= 45 && std::memchr(begin + 1, ':', size) ? at + 1 : nullptr;
  }
  char last = '.';
  for (; at != end && chars::is(*at, chars::host); ++at) {
    if (*at == '.' && last == '.') return nullptr;
    last = *at;
  }
  return at == begin ? nullptr : at;
}

/// Reads the digits of a port; the place behind them, or nullptr if there are none or the number is
/// no port.
inline const char* read_port(const char* at, const char* end, std::uint16_t& port) {
  std::uint32_t n = 0;
  const char* const begin = at;
  for (; at != end && chars::is_digit(*at); ++at) {
    n = n * 10 + static_cast<unsigned>(*at - '0');
    if (n > 65535) return nullptr;
  }
  port = static_cast<std::uint16_t>(n);
  return at == begin ? nullptr : at;
}

}  // namespace opensips::parser
