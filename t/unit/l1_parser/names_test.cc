#include <gtest/gtest.h>

#include <cctype>
#include <string>

#include "l1_parser/draft.hh"
#include "l1_parser/header_name.hh"
#include "l1_parser/method.hh"

namespace opensips::parser {
namespace {

constexpr auto kLast = static_cast<unsigned>(HeaderName::max_breadth);

std::string in_case(std::string_view text, int (*change)(int)) {
  std::string result;
  for (const char c : text) result += static_cast<char>(change(static_cast<unsigned char>(c)));
  return result;
}

TEST(HeaderName, IsFoundInEveryCase) {
  for (unsigned i = 1; i <= kLast; ++i) {
    const auto name = static_cast<HeaderName>(i);
    const auto text = to_string(name);
    ASSERT_FALSE(text.empty());
    EXPECT_EQ(header_name_of(text), name) << text;
    EXPECT_EQ(header_name_of(in_case(text, std::tolower)), name) << text;
    EXPECT_EQ(header_name_of(in_case(text, std::toupper)), name) << text;
  }
  EXPECT_EQ(to_string(HeaderName::other), "");
}

TEST(HeaderName, IsNotWhatDiffersInOneByte) {
  for (unsigned i = 1; i <= kLast; ++i) {
    const std::string text(to_string(static_cast<HeaderName>(i)));
    for (std::size_t at = 0; at < text.size(); ++at) {
      for (unsigned flip = 1; flip < 256; flip <<= 1) {
        std::string changed = text;
        changed[at] = static_cast<char>(static_cast<unsigned char>(changed[at]) ^ flip);
        if (flip == 0x20 && std::isalpha(static_cast<unsigned char>(text[at]))) continue;
        EXPECT_NE(header_name_of(changed), static_cast<HeaderName>(i)) << changed;
      }
    }
    EXPECT_NE(header_name_of(text + "x"), static_cast<HeaderName>(i));
    EXPECT_NE(header_name_of(text.substr(1)), static_cast<HeaderName>(i));
  }
}

TEST(HeaderName, KnowsCompactForms) {
  const std::pair<const char*, HeaderName> forms[] = {
      {"i", HeaderName::call_id},
      {"m", HeaderName::contact},
      {"l", HeaderName::content_length},
      {"c", HeaderName::content_type},
      {"f", HeaderName::from},
      {"s", HeaderName::subject},
      {"k", HeaderName::supported},
      {"t", HeaderName::to},
      {"v", HeaderName::via},
      {"o", HeaderName::event},
      {"r", HeaderName::refer_to},
      {"b", HeaderName::referred_by},
      {"x", HeaderName::session_expires},
      {"y", HeaderName::identity},
  };
  for (const auto& [text, name] : forms) {
    EXPECT_EQ(header_name_of(text), name) << text;
    EXPECT_EQ(header_name_of(in_case(text, std::toupper)), name) << text;
  }
  for (const char* text : {"", "e", "u", "d", "j", "n", "a", "z", "1"}) {
    EXPECT_EQ(header_name_of(text), HeaderName::other) << text;
  }
}

TEST(HeaderName, IsTheSameInEverySpelling) {
  EXPECT_TRUE(same_header("Call-ID", "i"));
  EXPECT_TRUE(same_header("e", "content-encoding"));
  EXPECT_TRUE(same_header("Allow-Events", "U"));
  EXPECT_TRUE(same_header("X-Custom", "x-cUSTOM"));
  EXPECT_FALSE(same_header("X-Custom", "X-Customs"));
  EXPECT_FALSE(same_header("Via", "Route"));
  EXPECT_FALSE(same_header("e", "a"));
}

TEST(Method, HasItsExactSpelling) {
  for (unsigned i = 0; i < static_cast<unsigned>(Method::other); ++i) {
    const auto method = static_cast<Method>(i);
    EXPECT_EQ(method_of(to_string(method)), method);
    EXPECT_EQ(method_of(in_case(to_string(method), std::tolower)), Method::other);
  }
  for (const char* text : {"", "INVITES", "RE%47IST%45R", "ACC"}) {
    EXPECT_EQ(method_of(text), Method::other) << text;
  }
}

TEST(ReasonPhrase, IsThereForEveryCode) {
  EXPECT_EQ(reason_phrase(404), "Not Found");
  EXPECT_EQ(reason_phrase(481), "Call/Transaction Does Not Exist");
  EXPECT_EQ(reason_phrase(499), "Bad Request");
  for (unsigned code = 100; code < 700; ++code) EXPECT_FALSE(reason_phrase(code).empty()) << code;
}

}  // namespace
}  // namespace opensips::parser
