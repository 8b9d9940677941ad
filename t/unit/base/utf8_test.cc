#include "base/utf8.hh"

#include <gtest/gtest.h>

#include <string>

namespace opensips::base {
namespace {

TEST(Utf8, TakesEveryCharacterThatThereIs) {
  for (const std::string text :
       {"", "a", "SIP/2.0 200 OK\r\n", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80",
        "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf",
        "12345678\xc3\xa4", "1234567\xc3\xa4 and more", "\xe2\x82\xac\xf0\x9f\x98\x80x"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
}

TEST(Utf8, RefusesWhatIsNone) {
  for (const std::string text :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2x", "\xe0\x9f\xbf", "\xe0\xa0",
        "\xe0\xa0x", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
        "\xff", "\xfe", "12345678\x80", "1234567\xc3", "\xf0\x90\x80", "\xf0\x90\x80x"}) {
    EXPECT_FALSE(is_utf8(text)) << text;
    EXPECT_FALSE(is_utf8("a" + text + "b")) << text;
  }
}

}  // namespace
}  // namespace opensips::base
