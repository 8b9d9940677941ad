#include "base/prefix.hh"

#include <gtest/gtest.h>

namespace opensips::base {
namespace {

bool contains(std::string_view prefix, std::string_view address) {
  return Prefix::parse(prefix)->contains(*Address::parse(address, 5060));
}

TEST(Prefix, ContainsWhatSharesItsFirstBits) {
  EXPECT_TRUE(contains("192.0.2.0/24", "192.0.2.255"));
  EXPECT_FALSE(contains("192.0.2.0/24", "192.0.3.0"));
  EXPECT_TRUE(contains("10.128.0.0/9", "10.200.1.1"));
  EXPECT_FALSE(contains("10.128.0.0/9", "10.127.255.255"));
  EXPECT_TRUE(contains("2001:db8::/32", "2001:db8:ffff::1"));
  EXPECT_FALSE(contains("2001:db8::/32", "2001:db9::1"));
  EXPECT_TRUE(contains("2001:db8::8/125", "2001:db8::f"));
  EXPECT_FALSE(contains("2001:db8::8/125", "2001:db8::10"));
}

TEST(Prefix, OneAddressIsAPrefixOfAllItsBits) {
  EXPECT_TRUE(contains("192.0.2.7", "192.0.2.7"));
  EXPECT_FALSE(contains("192.0.2.7", "192.0.2.6"));
  EXPECT_TRUE(contains("[::1]", "::1"));
}

TEST(Prefix, NoBitsMeanAllOfTheFamily) {
  EXPECT_TRUE(contains("0.0.0.0/0", "255.1.2.3"));
  EXPECT_FALSE(contains("0.0.0.0/0", "::1"));
  EXPECT_TRUE(contains("::/0", "ff02::1"));
  EXPECT_FALSE(contains("::/0", "127.0.0.1"));
}

TEST(Prefix, BitsBehindItsLengthDoNotCount) {
  EXPECT_TRUE(contains("192.0.2.77/24", "192.0.2.1"));
  EXPECT_TRUE(contains("192.0.2.77/25", "192.0.2.1"));
}

TEST(Prefix, RefusesWhatIsNone) {
  for (const auto text : {"", "/", "/8", "192.0.2.0/", "192.0.2.0/33", "::/129", "192.0.2/24",
                          "192.0.2.0/-1", "192.0.2.0/+8", "192.0.2.0/8x", "example.com/8",
                          "192.0.2.0/24/8", "192.0.2.0/4294967304"}) {
    EXPECT_FALSE(Prefix::parse(text)) << text;
  }
}

}  // namespace
}  // namespace opensips::base
