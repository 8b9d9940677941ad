#include "auth/user_table.hh"

#include <gtest/gtest.h>

#include <string>

namespace opensips::auth {
namespace {

std::string text_in(const routing::Value::Map& table, std::string_view name) {
  std::string_view room;
  for (const auto& entry : table) {
    if (entry.name == name) return std::string(*entry.value.text(room));
  }
  return "none";
}

TEST(AuthenticatedUser, IsATableOfTexts) {
  base::Arena arena(nullptr, 0);
  Presented presented;
  presented.username = "bob";
  presented.credentials.algorithm = parser::DigestAlgorithm::sha256_sess;
  presented.credentials.uri = "sip:alice@example.com";
  const auto table = user_table(arena, presented, {.realm = "example.com"});
  EXPECT_EQ(text_in(table, "username"), "bob");
  EXPECT_EQ(text_in(table, "realm"), "example.com");
  EXPECT_EQ(text_in(table, "aor"), "sip:bob@example.com");
  EXPECT_EQ(text_in(table, "algorithm"), "SHA-256-sess");
  EXPECT_EQ(text_in(table, "uri"), "sip:alice@example.com");
  EXPECT_EQ(table.size(), 5U);
}

TEST(AuthenticatedUser, IsEscapedInTheAor) {
  base::Arena arena(nullptr, 0);
  Presented presented;
  presented.username = "+1-2_3.4 @%\x0a\xc3\xbf#";
  const auto table = user_table(arena, presented, {.realm = "r"});
  EXPECT_EQ(text_in(table, "aor"), "sip:+1-2_3.4%20%40%25%0A%C3%BF%23@r");
  EXPECT_EQ(text_in(table, "username"), presented.username);
  presented.username = {};
  EXPECT_EQ(text_in(user_table(arena, presented, {}), "aor"), "sip:@");
}

}  // namespace
}  // namespace opensips::auth
