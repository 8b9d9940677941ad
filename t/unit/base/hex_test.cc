#include "base/hex.hh"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace opensips::base {
namespace {

template <class Number>
std::string digits_of(Number value) {
  std::array<char, 16> room;
  return {room.data(), write_hex(room.data(), value)};
}

TEST(Hex, HasTwoDigitsForEachByte) {
  EXPECT_EQ(digits_of(std::uint8_t{0x0a}), "0a");
  EXPECT_EQ(digits_of(std::uint16_t{0x13c4}), "13c4");
  EXPECT_EQ(digits_of(std::uint32_t{0x01234567}), "01234567");
  EXPECT_EQ(digits_of(std::uint64_t{0x89abcdef'fedcba98}), "89abcdeffedcba98");
  EXPECT_EQ(digits_of(std::uint64_t{0}), "0000000000000000");
}

TEST(Hex, GivesEachDigitBackWhereverItStands) {
  for (unsigned digit = 0; digit < 16; ++digit) {
    for (unsigned place = 0; place < 16; ++place) {
      const auto value = std::uint64_t{digit} << 4 * place;
      const auto text = digits_of(value);
      EXPECT_EQ(text[15 - place], "0123456789abcdef"[digit]);
      EXPECT_EQ(read_hex<std::uint64_t>(text.data()), value);
      EXPECT_EQ(read_hex<std::uint32_t>(text.data()), value >> 32);
    }
  }
}

}  // namespace
}  // namespace opensips::base
