#include "l1_parser/digest.hh"

#include <gtest/gtest.h>

#include <string>

#include "unit/l1_parser/fence.hh"
#include "unit/l1_parser/samples.hh"

namespace opensips::parser {
namespace {

const std::string kHash = "0123456789abcdef0123456789ABCDEF";
const std::string kChallenge =
    R"(Digest realm="home.example", nonce="7f00ab==", qop="auth,auth-int")";
const std::string kCredentials =
    R"(Digest username="rosa", realm="home.example", nonce="7f00ab==", uri="sip:home.example;a=b", )"
    R"(response=")" +
    kHash + R"(", algorithm=MD5, cnonce="c0", opaque="", qop=auth, nc=0000001F)";

base::Error challenge_error(std::string_view text) {
  const auto parsed = DigestChallenge::parse(text);
  return parsed ? base::Error::gone : parsed.error();
}
base::Error credentials_error(std::string_view text) {
  const auto parsed = DigestCredentials::parse(text);
  return parsed ? base::Error::gone : parsed.error();
}
std::string with(const std::string& from, const std::string& to) {
  auto text = kCredentials;
  return text.replace(text.find(from), from.size(), to);
}

TEST(DigestChallenge, GivesItsParts) {
  const auto challenge = DigestChallenge::parse(
      "  digest  REALM = \"a \\\"b\\\" c\" ,nonce=\"n\",domain=\"sip:x sip:y\", "
      "opaque=\"o\",\tstale=TRUE, "
      "algorithm=sha-256, qop=\"auth , AUTH-INT\", userhash=true, charset=UTF-8, x-new=\"1,2\"");
  ASSERT_TRUE(challenge);
  EXPECT_EQ(challenge->realm, "a \\\"b\\\" c");
  EXPECT_EQ(challenge->nonce, "n");
  EXPECT_EQ(challenge->domain, "sip:x sip:y");
  EXPECT_EQ(challenge->opaque, "o");
  EXPECT_TRUE(challenge->has_opaque);
  EXPECT_TRUE(challenge->stale);
  EXPECT_TRUE(challenge->userhash);
  EXPECT_EQ(challenge->algorithm, DigestAlgorithm::sha256);
  EXPECT_EQ(challenge->algorithm_text, "sha-256");
  EXPECT_TRUE(challenge->offers("auth"));
  EXPECT_TRUE(challenge->offers("auth-int"));
  EXPECT_FALSE(challenge->offers("auth-"));
}

TEST(DigestChallenge, NeedsNoMoreThanRealmAndNonce) {
  const auto challenge = DigestChallenge::parse("Digest realm=\"\", nonce=\"n\"");
  ASSERT_TRUE(challenge);
  EXPECT_EQ(challenge->algorithm, DigestAlgorithm::md5);
  EXPECT_FALSE(challenge->has_opaque);
  EXPECT_FALSE(challenge->stale);
  EXPECT_FALSE(challenge->offers("auth"));
  EXPECT_FALSE(challenge->offers(""));
  EXPECT_EQ(challenge_error("Digest realm=\"r\""), base::Error::malformed);
  EXPECT_EQ(challenge_error("Digest nonce=\"n\""), base::Error::malformed);
  EXPECT_EQ(challenge_error("Digest realm=\"r\", nonce=\"\""), base::Error::malformed);
}

TEST(DigestChallenge, OfAnotherSchemeIsNotForUs) {
  EXPECT_EQ(challenge_error("Basic realm=\"r\""), base::Error::unsupported);
  EXPECT_EQ(challenge_error("Digester realm=\"r\", nonce=\"n\""), base::Error::unsupported);
  EXPECT_EQ(challenge_error("NoOneKnowsIt"), base::Error::unsupported);
  EXPECT_EQ(challenge_error(""), base::Error::malformed);
  EXPECT_EQ(challenge_error("Digest"), base::Error::malformed);
  EXPECT_EQ(challenge_error("Digest,realm=\"r\", nonce=\"n\""), base::Error::malformed);
}

TEST(DigestCredentials, GiveTheirParts) {
  const auto credentials = DigestCredentials::parse(kCredentials);
  ASSERT_TRUE(credentials);
  EXPECT_EQ(credentials->username, "rosa");
  EXPECT_EQ(credentials->realm, "home.example");
  EXPECT_EQ(credentials->nonce, "7f00ab==");
  EXPECT_EQ(credentials->uri, "sip:home.example;a=b");
  EXPECT_EQ(credentials->response, kHash);
  EXPECT_EQ(credentials->algorithm, DigestAlgorithm::md5);
  EXPECT_EQ(credentials->cnonce, "c0");
  EXPECT_EQ(credentials->qop, "auth");
  EXPECT_EQ(credentials->nc, 31U);
  EXPECT_EQ(credentials->opaque, "");
  EXPECT_TRUE(credentials->has_opaque);
  EXPECT_FALSE(credentials->extended_username);
}

TEST(DigestCredentials, AreTakenWithQuotesMissingOrTooMany) {
  const auto text =
      "Digest username=rosa,realm=r,nonce=a+/=,uri=sip:x@y:5060;a?b=c,response=" + kHash +
      ",qop=\"auth\",nc=\"1\",cnonce=c,algorithm=\"MD5\"";
  const auto credentials = DigestCredentials::parse(text);
  ASSERT_TRUE(credentials);
  EXPECT_EQ(credentials->uri, "sip:x@y:5060;a?b=c");
  EXPECT_EQ(credentials->nonce, "a+/=");
  EXPECT_EQ(credentials->qop, "auth");
  EXPECT_EQ(credentials->nc, 1U);
}

TEST(DigestCredentials, NeedWhatTheHashIsMadeOf) {
  for (const char* part :
       {"username=\"rosa\", ", "realm=\"home.example\", ", "nonce=\"7f00ab==\", ",
        "uri=\"sip:home.example;a=b\", ", "cnonce=\"c0\", ", ", nc=0000001F"}) {
    EXPECT_EQ(credentials_error(with(part, "")), base::Error::malformed) << part;
  }
  EXPECT_EQ(credentials_error(with("response=\"" + kHash + "\", ", "")), base::Error::malformed);
  // Without qop neither a count nor a client's nonce (RFC 2069).
  EXPECT_TRUE(DigestCredentials::parse(
      "Digest username=\"\", realm=\"\", nonce=\"n\", uri=\"u\", response=\"" + kHash + "\""));
}

TEST(DigestCredentials, WithAParameterTwiceAreMalformed) {
  for (const std::string& more :
       {std::string("username=\"b\""), "RESPONSE=\"" + kHash + "\"", std::string("nc=00000001"),
        std::string("Realm=\"home.example\""), std::string("cnonce=\"c0\""),
        std::string("QOP=auth"), std::string("uri=\"sip:home.example;a=b\""),
        std::string("username*=UTF-8''b")}) {
    EXPECT_EQ(credentials_error(kCredentials + ", " + more), base::Error::malformed) << more;
  }
  EXPECT_TRUE(DigestCredentials::parse(kCredentials + ", x=1, x=2"));
}

TEST(DigestCredentials, NumbersAreOfTheirSize) {
  for (const char* nc : {"nc=", "nc=000000001", "nc=x", "nc=-1", "nc=0x1", "nc=\"\""}) {
    EXPECT_EQ(credentials_error(with("nc=0000001F", nc)), base::Error::malformed) << nc;
  }
  EXPECT_EQ(DigestCredentials::parse(with("nc=0000001F", "nc=FFFFFFFF"))->nc, 0xffffffffU);
  for (const std::string& response :
       {std::string(), kHash + "0", kHash.substr(1), kHash.substr(1) + "g", kHash + kHash + "00"}) {
    EXPECT_EQ(credentials_error(with(kHash, response)), base::Error::malformed) << response;
  }
  EXPECT_TRUE(DigestCredentials::parse(with(kHash, kHash + kHash)));
}

TEST(DigestCredentials, MayNameAUserInExtendedNotation) {
  const auto text = with("username=\"rosa\"", "username*=UTF-8''J%C3%A4s%C3%B8n");
  const auto credentials = DigestCredentials::parse(text);
  ASSERT_TRUE(credentials);
  EXPECT_TRUE(credentials->extended_username);
  EXPECT_EQ(credentials->username, "UTF-8''J%C3%A4s%C3%B8n");
}

TEST(DigestParams, AreSeparatedByCommasAndNothingElse) {
  for (const char* bad : {",", "a", "a=", "=b", "a=b,", "a=b,,c=d", "a=\"b", "a=\"b\"c", "a=b c=d",
                          "a=\"b\\", "a=b;c=d,", "a b=c", "\"a\"=b", "a=\"\r\""}) {
    EXPECT_EQ(credentials_error(kCredentials + ", " + bad), base::Error::malformed) << bad;
    EXPECT_EQ(challenge_error(kChallenge + ", " + bad), base::Error::malformed) << bad;
  }
  EXPECT_EQ(challenge_error(kChallenge + ","), base::Error::malformed);
  const auto challenge =
      DigestChallenge::parse("Digest  a = \"x,nonce=y\" , NONCE =z ,realm= \"r\", b=c ");
  ASSERT_TRUE(challenge);
  EXPECT_EQ(challenge->nonce, "z");
  EXPECT_EQ(challenge->realm, "r");
}

TEST(DigestParams, ThatOnlyBeginLikeKnownOnesAreOthers) {
  for (const char* more : {"realms=x", "real=x", "r=x", "nonc=x", "nonce2=x", "username*x=x",
                           "qo=x", "algorithm-x=x", "_=x", "`=x", "9=x"}) {
    const auto text = kCredentials + ", " + more;
    const auto credentials = DigestCredentials::parse(text);
    ASSERT_TRUE(credentials) << more;
    EXPECT_EQ(credentials->realm, "home.example") << more;
    EXPECT_EQ(credentials->nonce, "7f00ab==") << more;
    EXPECT_EQ(credentials->qop, "auth") << more;
  }
}

TEST(DigestParams, AreKnownInAnyCaseAndOrder) {
  std::string text = "Digest NC=00000001,QoP=auth,OPAQUE=\"o\",Cnonce=\"c\",ALGORITHM=MD5,";
  text += "Response=\"" + kHash + "\",URI=\"sip:u\",nonce =\"n\",Realm=\"r\",UserName=\"x\"";
  const auto credentials = DigestCredentials::parse(text);
  ASSERT_TRUE(credentials);
  EXPECT_EQ(credentials->nc, 1U);
  EXPECT_EQ(credentials->qop, "auth");
  EXPECT_EQ(credentials->opaque, "o");
  EXPECT_EQ(credentials->cnonce, "c");
  EXPECT_EQ(credentials->algorithm_text, "MD5");
  EXPECT_EQ(credentials->response, kHash);
  EXPECT_EQ(credentials->uri, "sip:u");
  EXPECT_EQ(credentials->nonce, "n");
  EXPECT_EQ(credentials->realm, "r");
  EXPECT_EQ(credentials->username, "x");
}

TEST(DigestAlgorithm, IsKnownInAnyCase) {
  EXPECT_EQ(digest_algorithm_of("md5-SESS"), DigestAlgorithm::md5_sess);
  EXPECT_EQ(digest_algorithm_of("SHA-256-sess"), DigestAlgorithm::sha256_sess);
  EXPECT_EQ(digest_algorithm_of("SHA-512-256"), DigestAlgorithm::sha512_256);
  EXPECT_EQ(digest_algorithm_of("SHA-512-256-SESS"), DigestAlgorithm::sha512_256_sess);
  EXPECT_EQ(digest_algorithm_of("SHA-1"), DigestAlgorithm::other);
  EXPECT_EQ(digest_algorithm_of(""), DigestAlgorithm::other);
}

TEST(Digest, ReadsNothingOutsideItsText) {
  for (const auto& text : {kChallenge, kCredentials}) {
    samples::read_all_prefixes(text, [](std::string_view value) {
      if (const auto challenge = DigestChallenge::parse(value)) challenge->offers("auth-int");
      static_cast<void>(DigestCredentials::parse(value));
    });
  }
}

}  // namespace
}  // namespace opensips::parser
