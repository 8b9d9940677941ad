#include "base/base64.hh"

#include <gtest/gtest.h>

namespace opensips::base {
namespace {

TEST(Base64, IsThatOfTheRfc) {
  const std::pair<std::string_view, std::string_view> kSamples[] = {{"", ""},
                                                                    {"f", "Zg=="},
                                                                    {"fo", "Zm8="},
                                                                    {"foo", "Zm9v"},
                                                                    {"foob", "Zm9vYg=="},
                                                                    {"fooba", "Zm9vYmE="},
                                                                    {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : kSamples) {
    EXPECT_EQ(encode_base64(bytes, Base64::standard), text);
    EXPECT_EQ(decode_base64(text, Base64::standard), bytes);
  }
  EXPECT_EQ(encode_base64("\xfb\xff\xfe", Base64::standard), "+//+");
  EXPECT_EQ(encode_base64("\xfb\xff\xfe", Base64::url), "-__-");
  EXPECT_EQ(encode_base64("f", Base64::url), "Zg");
  EXPECT_EQ(decode_base64("Zg", Base64::url), "f");
}

TEST(Base64, GivesEveryByteBack) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const auto part = std::string_view(bytes).substr(0, size);
    for (const auto alphabet : {Base64::standard, Base64::url}) {
      ASSERT_EQ(decode_base64(encode_base64(part, alphabet), alphabet), part) << size;
    }
    ASSERT_EQ(decode_hex(encode_hex(part)), part) << size;
  }
}

TEST(Base64, RefusesWhatItNeverWrites) {
  for (const char* const bad :
       {"Z", "Zg=", "Zg===", "Zh==", "Zm9=", "Z g=", "Zm\n9v", "-__-", "=", "====", "Zm9v="}) {
    EXPECT_EQ(decode_base64(bad, Base64::standard), std::nullopt) << bad;
  }
  EXPECT_EQ(decode_base64("+//+", Base64::url), std::nullopt);
  EXPECT_EQ(decode_hex("0"), std::nullopt);
  EXPECT_EQ(decode_hex("0g"), std::nullopt);
  EXPECT_EQ(decode_hex("aF"), "\xaf");
}

}  // namespace
}  // namespace opensips::base
