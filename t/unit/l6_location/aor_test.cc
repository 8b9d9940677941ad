#include "l6_location/aor.hh"

#include <gtest/gtest.h>

#include <array>

namespace opensips::location {
namespace {

std::optional<std::string> aor(std::string_view text) {
  const auto uri = parser::Uri::parse(text);
  if (!uri) return "does not parse";
  return aor_of(*uri);
}

TEST(Aor, IsUserAndHost) {
  EXPECT_EQ(aor("sip:alice@atlanta.example.com"), "alice@atlanta.example.com");
}

TEST(Aor, HasTheHostInLowerCaseAndTheUserAsItIs) {
  EXPECT_EQ(aor("sip:Alice@Atlanta.EXAMPLE.com"), "Alice@atlanta.example.com");
}

TEST(Aor, HasNoPasswordPortParametersOrHeaders) {
  EXPECT_EQ(aor("sip:alice:secret@example.com:5070;transport=tcp;user=phone?Subject=x"),
            "alice@example.com");
}

TEST(Aor, IsTheSameForSips) {
  EXPECT_EQ(aor("sips:alice@example.com"), "alice@example.com");
}

TEST(Aor, HasEscapesUndone) {
  EXPECT_EQ(aor("sip:%61lice@example.com"), "alice@example.com");
  EXPECT_EQ(aor("sip:alice%40work@example.com"), "alice@work@example.com");
  EXPECT_EQ(aor("sip:%C3%BCnal@example.com"), "\xc3\xbcnal@example.com");
}

TEST(Aor, KeepsThePercentSignEscaped) {
  EXPECT_EQ(aor("sip:100%25@example.com"), "100%25@example.com");
  EXPECT_EQ(aor("sip:a%2541@example.com"), "a%2541@example.com");
}

TEST(Aor, KeepsControlCharactersEscapedInOneSpelling) {
  EXPECT_EQ(aor("sip:a%00b@example.com"), "a%00b@example.com");
  EXPECT_EQ(aor("sip:a%2500b@example.com"), "a%2500b@example.com");
  EXPECT_EQ(aor("sip:%0d%0A%7f@example.com"), "%0D%0A%7F@example.com");
}

TEST(Aor, OfAHostAloneIsTheHost) {
  EXPECT_EQ(aor("sip:Gateway.example.com:5060"), "gateway.example.com");
}

TEST(Aor, KeepsTheBracketsOfIpv6) {
  EXPECT_EQ(aor("sip:a@[2001:DB8::1]:5060"), "a@[2001:db8::1]");
}

TEST(Aor, IsNothingForBareControlCharacters) {
  for (const auto* user : {"a\rb", "\n", "\x7f"}) {
    const parser::Uri uri{.user = user, .host = "example.com", .scheme = parser::Uri::Scheme::sip};
    EXPECT_EQ(aor_of(uri), std::nullopt) << user;
  }
}

TEST(Aor, IsNothingForABrokenEscape) {
  for (const auto* user : {"a%", "a%4", "a%4g", "%%41"}) {
    const parser::Uri uri{.user = user, .host = "example.com", .scheme = parser::Uri::Scheme::sip};
    EXPECT_EQ(aor_of(uri), std::nullopt) << user;
  }
}

TEST(Aor, IsNothingForAnotherScheme) {
  EXPECT_EQ(aor("tel:+12015550123"), std::nullopt);
}

TEST(Aor, FillsTheCallersBufferToTheLastByteAndNoFurther) {
  const parser::Uri uri{.user = "bob", .host = "B.org", .scheme = parser::Uri::Scheme::sip};
  std::array<char, 9> enough;
  EXPECT_EQ(aor_of(uri, enough), "bob@b.org");
  for (std::size_t size = 0; size < enough.size(); ++size) {
    EXPECT_EQ(aor_of(uri, std::span(enough).first(size)), std::nullopt) << size;
  }
}

TEST(Aor, FillsTheCallersBufferWithEscapesToo) {
  const parser::Uri uri{.user = "%00", .host = "b", .scheme = parser::Uri::Scheme::sip};
  std::array<char, 5> enough;
  EXPECT_EQ(aor_of(uri, enough), "%00@b");
  for (std::size_t size = 0; size < enough.size(); ++size) {
    EXPECT_EQ(aor_of(uri, std::span(enough).first(size)), std::nullopt) << size;
  }
}

TEST(Aor, IsNothingWhenItIsTooLong) {
  const std::string user(kMaxAor, 'u');
  EXPECT_EQ(aor("sip:" + user + "@example.com"), std::nullopt);
}

}  // namespace
}  // namespace opensips::location
