#include "auth/demand.hh"

#include <gtest/gtest.h>

namespace opensips::auth {
namespace {

using enum parser::DigestAlgorithm;

TEST(Demand, ReadsAlgorithmsInTheirOrder) {
  const auto read = read_algorithms("SHA-512-256, sha-256,MD5 , MD5-sess");
  EXPECT_EQ(read.all, (std::vector{sha512_256, sha256, md5, md5_sess}));
  EXPECT_EQ(read.unknown, "");
  EXPECT_EQ(read_algorithms("MD5, SHA-1").unknown, "SHA-1");
  EXPECT_EQ(read_algorithms("MD5,,MD5").unknown, "nothing");
  EXPECT_TRUE(read_algorithms("").all.empty());
}

TEST(Demand, KnowsQualitiesOfProtection) {
  for (const char* good : {"", "auth", "auth-int", "auth,auth-int", "auth-int, auth"}) {
    EXPECT_TRUE(is_qop(good)) << good;
  }
  for (const char* bad :
       {"Auth", "auth;auth-int", "none", ",auth", "auth,,auth", "auth auth-int"}) {
    EXPECT_FALSE(is_qop(bad)) << bad;
  }
}

TEST(Demand, IsAChallengeForEachAlgorithm) {
  constexpr parser::DigestAlgorithm kTwo[] = {sha256, md5};
  constexpr parser::DigestAlgorithm kSession[] = {md5_sess};
  base::Arena arena(nullptr, 0);
  EXPECT_EQ(challenge_lines(arena, {Role::www, "example.com", "auth", kTwo}, "n0", false),
            "WWW-Authenticate: Digest realm=\"example.com\", nonce=\"n0\", qop=\"auth\", "
            "algorithm=SHA-256\r\n"
            "WWW-Authenticate: Digest realm=\"example.com\", nonce=\"n0\", qop=\"auth\", "
            "algorithm=MD5\r\n");
  EXPECT_EQ(challenge_lines(arena, {Role::proxy, "a \"b\" \\", "", kSession}, "n0", true),
            "Proxy-Authenticate: Digest realm=\"a \\\"b\\\" \\\\\", nonce=\"n0\", "
            "algorithm=MD5-sess, stale=true\r\n");
  EXPECT_EQ(code_of(Role::www), 401U);
  EXPECT_EQ(code_of(Role::proxy), 407U);
}

}  // namespace
}  // namespace opensips::auth
