#include "base/hex.hh"

#include <gtest/gtest.h>

#include <string>

#include <fmt/format.h>

namespace opensips::base {
namespace {

template <class Number>
std::string hex(Number number) {
  std::string text(sizeof number * 2 + 1, '!');
  EXPECT_EQ(write_hex(text.data(), number), &text.back());
  return text;
}

TEST(Hex, HasAllDigitsOfTheNumber) {
  EXPECT_EQ(hex(std::uint32_t{0}), "00000000!");
  EXPECT_EQ(hex(std::uint32_t{0x89abcdef}), "89abcdef!");
  EXPECT_EQ(hex(std::uint64_t{0x0123456789abcdef}), "0123456789abcdef!");
  EXPECT_EQ(hex(~std::uint64_t{0}), "ffffffffffffffff!");
}

TEST(Hex, IsThatOfPrintfForEveryDigitInEveryPlace) {
  for (unsigned shift = 0; shift < 64; shift += 4) {
    for (std::uint64_t digit = 0; digit < 16; ++digit) {
      EXPECT_EQ(hex(digit << shift), fmt::format("{:016x}!", digit << shift));
    }
  }
}

}  // namespace
}  // namespace opensips::base
