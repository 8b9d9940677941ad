#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace opensips::base {

/// Writes the number as eight hexadecimal digits, in lower case; gives the end.
inline char* write_hex(char* to, std::uint32_t number) {
  // All digits at once, a byte each, the first one lowest.
  std::uint64_t digits = std::byteswap(number);
  digits = (digits << 16 | digits) & 0x0000ffff0000ffff;
  digits = (digits << 8 | digits) & 0x00ff00ff00ff00ff;
  digits = (digits << 8 | digits >> 4) & 0x0f0f0f0f0f0f0f0f;
  const std::uint64_t letters = (digits + 0x0606060606060606) >> 4 & 0x0101010101010101;
  digits += 0x3030303030303030 + letters * ('a' - '0' - 10);
  if constexpr (std::endian::native == std::endian::big) digits = std::byteswap(digits);
  std::memcpy(to, &digits, sizeof digits);
  return to + sizeof digits;
}

/// As sixteen.
inline char* write_hex(char* to, std::uint64_t number) {
  to = write_hex(to, static_cast<std::uint32_t>(number >> 32));
  return write_hex(to, static_cast<std::uint32_t>(number));
}

}  // namespace opensips::base
