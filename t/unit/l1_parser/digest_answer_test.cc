#include "l1_parser/digest_answer.hh"

#include <gtest/gtest.h>

#include <string>

#include "l1_parser/digest_hash.hh"

namespace opensips::parser {
namespace {

constexpr DigestLogin kMufasa{.username = "Mufasa", .password = "Circle of Life", .ha1 = ""};
constexpr DigestRequest kGet{.method = "GET", .uri = "/dir/index.html", .body = ""};
constexpr std::string_view kCnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";

// RFC 7616 3.9.1.
std::string challenge(std::string_view more) {
  return "Digest realm=\"http-auth@example.org\", "
         "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
         "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"" +
         std::string(more);
}

std::string answered(const std::string& text, const DigestLogin& login = kMufasa,
                     const DigestRequest& request = kGet) {
  const auto parsed = DigestChallenge::parse(text);
  EXPECT_TRUE(parsed) << text;
  const auto made = answer(*parsed, login, request, kCnonce, 1);
  return made ? *made : std::string(base::to_string(made.error()));
}

TEST(DigestAnswer, ProvesWhatTheExampleOfRfc7616Proves) {
  const auto text = answered(challenge(", qop=\"auth, auth-int\", algorithm=SHA-256"));
  const auto credentials = DigestCredentials::parse(text);
  ASSERT_TRUE(credentials) << text;
  EXPECT_EQ(credentials->response,
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
  EXPECT_EQ(credentials->username, "Mufasa");
  EXPECT_EQ(credentials->realm, "http-auth@example.org");
  EXPECT_EQ(credentials->nonce, "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v");
  EXPECT_EQ(credentials->opaque, "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS");
  EXPECT_EQ(credentials->uri, "/dir/index.html");
  EXPECT_EQ(credentials->algorithm, DigestAlgorithm::sha256);
  EXPECT_EQ(credentials->qop, "auth");
  EXPECT_EQ(credentials->nc_text, "00000001");
  EXPECT_EQ(credentials->cnonce, kCnonce);
}

TEST(DigestAnswer, SaysNothingThatTheChallengeDoesNotKnow) {
  EXPECT_EQ(answered("Digest realm=\"r\", nonce=\"n\""),
            "Digest username=\"Mufasa\", realm=\"r\", nonce=\"n\", uri=\"/dir/index.html\", "
            "response=\"" +
                std::string(digest_response(
                                {.nonce = "n", .method = "GET", .uri = kGet.uri},
                                digest_ha1(DigestAlgorithm::md5, "Mufasa", "r", "Circle of Life"))
                                .text()) +
                "\"");
}

TEST(DigestAnswer, CoversTheBodyIfThatIsAllThatIsOffered) {
  const DigestLogin bob{.username = "bob", .password = "zanzibar", .ha1 = ""};
  const DigestRequest invite{
      .method = "INVITE", .uri = "sip:bob@biloxi.example", .body = "v=0\r\n"};
  const auto parsed = DigestChallenge::parse(
      "Digest realm=\"biloxi.example\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
      "qop=auth-int, algorithm=SHA-512-256");
  const auto text = answer(*parsed, bob, invite, "0a4f113b", 1);
  ASSERT_TRUE(text);
  const auto credentials = DigestCredentials::parse(*text);
  ASSERT_TRUE(credentials) << *text;
  EXPECT_EQ(credentials->qop, "auth-int");
  EXPECT_EQ(credentials->response,
            "a1cc5fc7376968293eaf0d6f48dae481b403e810f5e079ff6f4fbcabb93e1285");
}

TEST(DigestAnswer, TakesAHashInPlaceOfThePassword) {
  const auto ha1 =
      digest_ha1(DigestAlgorithm::md5, "Mufasa", "http-auth@example.org", "Circle of Life");
  const auto text = challenge(", qop=auth, algorithm=MD5");
  EXPECT_EQ(answered(text, {.username = "Mufasa", .password = "", .ha1 = ha1.text()}),
            answered(text));
  EXPECT_EQ(answered(challenge(", algorithm=SHA-256"),
                     {.username = "Mufasa", .password = "", .ha1 = ha1.text()}),
            base::to_string(base::Error::unsupported));
}

TEST(DigestAnswer, OfASessionHasItsNonce) {
  const auto text = answered(challenge(", algorithm=md5-SESS"));
  const auto credentials = DigestCredentials::parse(text);
  ASSERT_TRUE(credentials);
  EXPECT_EQ(credentials->algorithm, DigestAlgorithm::md5_sess);
  EXPECT_EQ(credentials->cnonce, kCnonce);
  EXPECT_TRUE(credentials->qop.empty());
}

TEST(DigestAnswer, QuotesNames) {
  const DigestLogin login{.username = "M \"the\" \\", .password = "p", .ha1 = ""};
  const auto text = answered("Digest realm=\"a \\\"b\\\"\", nonce=\"n\"", login);
  const auto credentials = DigestCredentials::parse(text);
  ASSERT_TRUE(credentials) << text;
  std::string room;
  EXPECT_EQ(username_of(*credentials, room), login.username);
  EXPECT_EQ(credentials->realm, "a \\\"b\\\"");
  const auto ha1 = digest_ha1(DigestAlgorithm::md5, login.username, "a \"b\"", "p");
  EXPECT_TRUE(digest_response({.nonce = "n", .method = "GET", .uri = kGet.uri}, ha1)
                  .equals(credentials->response));
  for (const char* bad : {"a\r\nb", "a\nb", "\x7f", "a\x01"}) {
    EXPECT_EQ(
        answered("Digest realm=\"r\", nonce=\"n\"", {.username = bad, .password = "", .ha1 = ""}),
        base::to_string(base::Error::malformed));
  }
}

TEST(DigestAnswer, KnowsWhatItCannotAnswer) {
  for (const char* bad : {", algorithm=SHA-1", ", qop=other", ", qop=\"a,b\", algorithm=MD5"}) {
    const auto text = challenge(bad);
    EXPECT_FALSE(can_answer(*DigestChallenge::parse(text))) << bad;
    EXPECT_EQ(answered(text), base::to_string(base::Error::unsupported)) << bad;
  }
  const auto good = challenge(", qop=\"other, auth\"");
  EXPECT_TRUE(can_answer(*DigestChallenge::parse(good)));
}

}  // namespace
}  // namespace opensips::parser
