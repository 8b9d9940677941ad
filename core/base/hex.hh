#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace opensips::base {

namespace detail {

constexpr std::uint64_t kEachByte = 0x0101'0101'0101'0101;

/// A word whose first byte in memory is the highest, and back.
inline std::uint64_t big_endian(std::uint64_t word) {
  return std::endian::native == std::endian::little ? std::byteswap(word) : word;
}

/// Eight digits at once: MACs and ids are in every message.
inline std::uint64_t hex_digits_of(std::uint32_t value) {
  std::uint64_t word = value;  // a digit to a byte
  word = (word | word << 16) & 0x0000'ffff'0000'ffff;
  word = (word | word << 8) & 0x00ff'00ff'00ff'00ff;
  word = (word | word << 4) & 0x0f * kEachByte;
  const auto letters = (word + 6 * kEachByte) >> 4 & kEachByte;  // 1 where it is more than 9
  return big_endian(word + '0' * kEachByte + ('a' - '9' - 1) * letters);
}

inline std::uint32_t value_of_hex(std::uint64_t digits) {
  std::uint64_t word = big_endian(digits);
  const auto letters = word >> 6 & kEachByte;
  word = (word & 0x0f * kEachByte) + 9 * letters;
  word = (word | word >> 4) & 0x00ff'00ff'00ff'00ff;
  word = (word | word >> 8) & 0x0000'ffff'0000'ffff;
  return static_cast<std::uint32_t>(word | word >> 16);
}

}  // namespace detail

/// All digits of a number, two for each of its bytes, with small letters; behind the last one.
template <std::unsigned_integral Number>
char* write_hex(char* to, Number value) {
  constexpr std::size_t kDigits = 2 * sizeof value;
  if constexpr (kDigits > 8) {
    to = write_hex(to, static_cast<std::uint32_t>(value >> 32));
    return write_hex(to, static_cast<std::uint32_t>(value));
  } else {
    const auto word = detail::hex_digits_of(value);
    std::memcpy(to, reinterpret_cast<const char*>(&word) + sizeof word - kDigits, kDigits);
    return to + kDigits;
  }
}

/// Of digits that write_hex() wrote; of other bytes, some number.
template <std::unsigned_integral Number>
Number read_hex(const char* digits) {
  if constexpr (sizeof(Number) > 4) {
    return Number{read_hex<std::uint32_t>(digits)} << 32 | read_hex<std::uint32_t>(digits + 8);
  } else {
    static_assert(sizeof(Number) == 4);
    std::uint64_t word;
    std::memcpy(&word, digits, sizeof word);
    return detail::value_of_hex(word);
  }
}

}  // namespace opensips::base
