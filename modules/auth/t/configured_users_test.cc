#include "auth/configured_users.hh"

#include <gtest/gtest.h>

namespace opensips::auth {
namespace {

using State = Lookup::State;

const std::string kMd5 = "0123456789abcdef0123456789abcdef";

std::string added(ConfiguredUsers& users, std::string_view text) {
  const auto result = users.add(text);
  return result ? "" : result.error();
}

TEST(ConfiguredUsers, HaveAPasswordWithWhateverIsInIt) {
  ConfiguredUsers users;
  EXPECT_EQ(added(users, "alice@example.com: password=a; ha1=b \"c\\ :@"), "");
  const auto found = users.find("alice", "example.com");
  ASSERT_EQ(found->state, State::known);
  EXPECT_EQ(found->secret->password, "a; ha1=b \"c\\ :@");
}

TEST(ConfiguredUsers, HaveTheHashesThatAreGiven) {
  ConfiguredUsers users;
  EXPECT_EQ(added(users, "bob@x: ha1=" + kMd5 + "; ha1_sha512t256=" + kMd5 + kMd5), "");
  const auto secret = users.find("bob", "x")->secret;
  EXPECT_EQ(secret->ha1[0].text(), kMd5);
  EXPECT_TRUE(secret->ha1[1].empty());
  EXPECT_EQ(secret->ha1[2].text(), kMd5 + kMd5);
  EXPECT_EQ(ha1_of(*secret, parser::DigestAlgorithm::md5_sess, "bob", "x").text(), kMd5);
  EXPECT_TRUE(ha1_of(*secret, parser::DigestAlgorithm::sha256, "bob", "x").empty());
}

TEST(ConfiguredUsers, MayHaveNamesOfAnyBytes) {
  ConfiguredUsers users;
  const std::string names[] = {"a@b", "Robert'); DROP TABLE subscriber;--", "J\xc3\xa4s\xc3\xb8n",
                               "q\"uo\\te"};
  for (const auto& name : names) EXPECT_EQ(added(users, name + "@r: password=p"), "") << name;
  for (const auto& name : names) EXPECT_EQ(users.find(name, "r")->state, State::known) << name;
  EXPECT_EQ(users.size(), 4U);
}

TEST(ConfiguredUsers, OfAnotherRealmOrCaseAreOthers) {
  ConfiguredUsers users;
  EXPECT_EQ(added(users, "alice@example.com: password=p"), "");
  for (const auto& [name, realm] :
       {std::pair("alice", "example.org"), std::pair("Alice", "example.com"),
        std::pair("", "example.com"), std::pair("alice@example.com", "")}) {
    const auto found = users.find(name, realm);
    EXPECT_EQ(found->state, State::unknown) << name << '@' << realm;
    EXPECT_FALSE(found->secret->password.empty());  // nobody's, kept as hers is
  }
}

TEST(ConfiguredUsers, SayWhatWasExpected) {
  ConfiguredUsers users;
  const std::string form = "expected NAME@REALM: password=TEXT";
  for (const char* bad :
       {"", "alice", "alice: password=p", "alice@x", "@x: password=p", "alice@: password=p"}) {
    EXPECT_EQ(added(users, bad), form) << bad;
  }
  EXPECT_EQ(added(users, "a@x: password="), "expected a password");
  EXPECT_EQ(added(users, "a@x: pasword=p"),
            "expected password=, ha1=, ha1_sha256= or ha1_sha512t256=");
  EXPECT_EQ(added(users, "a@x: ha1=123"), "expected 32 hexadecimal digits of ha1");
  EXPECT_EQ(added(users, "a@x: ha1_sha256=" + kMd5),
            "expected 64 hexadecimal digits of ha1_sha256");
  EXPECT_EQ(added(users, "a@x: password=p"), "");
  EXPECT_EQ(added(users, "a@x: password=q"), "a@x is there twice");
}

TEST(ConfiguredUsers, OfNobodyKeepAsMuchAsOfTheFirst) {
  ConfiguredUsers users;
  EXPECT_EQ(added(users, "alice@x: ha1=" + kMd5), "");
  EXPECT_EQ(added(users, "bob@x: password=p"), "");
  const auto nobody = users.find("carol", "x")->secret;
  EXPECT_TRUE(nobody->password.empty());
  EXPECT_EQ(nobody->ha1[0].text().size(), 32U);
}

TEST(Secret, OfNobodyIsOneThatNobodyHas) {
  for (const auto kept : {Kept::as_password, Kept::as_hashes}) {
    const auto one = nobodys_secret(kept);
    const auto other = nobodys_secret(kept);
    EXPECT_EQ(one->password.empty(), kept == Kept::as_hashes);
    for (const auto algorithm : {parser::DigestAlgorithm::md5, parser::DigestAlgorithm::sha256,
                                 parser::DigestAlgorithm::sha512_256_sess}) {
      const auto ha1 = ha1_of(*one, algorithm, "a", "r");
      EXPECT_EQ(ha1.text().size(), parser::digest_size(algorithm));
      EXPECT_FALSE(ha1.equals(ha1_of(*other, algorithm, "a", "r").text()));
    }
  }
}

TEST(Secret, GivesAnHa1ThatFollowsFromIt) {
  Secret secret;
  EXPECT_TRUE(ha1_of(secret, parser::DigestAlgorithm::sha256, "a", "r").empty());
  secret.password = "p";
  EXPECT_EQ(ha1_of(secret, parser::DigestAlgorithm::md5_sess, "a", "r").text(),
            parser::digest_ha1(parser::DigestAlgorithm::md5, "a", "r", "p").text());
}

}  // namespace
}  // namespace opensips::auth
