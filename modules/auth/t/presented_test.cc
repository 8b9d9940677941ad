#include "auth/presented.hh"

#include <gtest/gtest.h>

#include <string>

namespace opensips::auth {
namespace {

using parser::DigestAlgorithm;

const std::string kHash(32, 'a');

std::string credentials(const std::string& more, const std::string& realm = "r") {
  return "Digest username=\"bob\", realm=\"" + realm +
         "\", nonce=\"n\", uri=\"sip:bob@example.com\", response=\"" + kHash + "\"" + more;
}

/// An INVITE with these header lines.
base::Ref<parser::Message> request(const std::string& headers,
                                   const std::string& uri = "sip:bob@example.com",
                                   const std::string& body = "") {
  const auto text = "INVITE " + uri +
                    " SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKa\r\n"
                    "From: <sip:bob@example.com>;tag=a\r\nTo: <sip:bob@example.com>\r\n"
                    "Call-ID: c\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\n" +
                    headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  auto parsed = parser::Message::parse(text, {});
  EXPECT_EQ(parsed.fault.code, 0) << parsed.fault.reason;
  return parsed.message;
}

constexpr DigestAlgorithm kTwo[] = {DigestAlgorithm::sha256, DigestAlgorithm::md5};
constexpr DigestAlgorithm kOne[] = {DigestAlgorithm::sha256};

Demand demand(Role role = Role::proxy) {
  return {role, "r", "auth", kTwo};
}

std::string found(const std::string& headers, const Demand& asked = demand()) {
  const auto message = request(headers);
  const auto presented = find_presented(*message, asked);
  return std::string(presented ? presented->username : to_string(presented.error()));
}

TEST(Presented, AreThoseOfTheHeaderThatTheRoleHas) {
  const auto text = "Authorization: " + credentials("") + "\r\n";
  EXPECT_EQ(found(text, demand(Role::www)), "bob");
  EXPECT_EQ(found(text, demand(Role::proxy)), "no credentials");
  EXPECT_EQ(found("Proxy-" + text, demand(Role::proxy)), "bob");
  EXPECT_EQ(found("", demand(Role::www)), "no credentials");
}

TEST(Presented, AreThoseForTheRealmAmongOthers) {
  const std::string header = "Proxy-Authorization: ";
  EXPECT_EQ(found(header + credentials("", "other") + "\r\n"), "no credentials");
  const auto message =
      request(header + "Basic Ym9iOg==\r\n" + header + credentials("", "other") + "\r\n" + header +
              "Digest broken\r\n" + header + credentials("") + "\r\n");
  const auto presented = find_presented(*message, demand());
  ASSERT_TRUE(presented);
  EXPECT_EQ(message->value(message->headers()[presented->place]), credentials(""));
  // What cannot be read matters if there is nothing else.
  EXPECT_EQ(found(header + "Digest broken\r\n"), "malformed credentials");
}

TEST(Presented, HaveAnAlgorithmAndAQopThatWereAskedFor) {
  const auto with = [](const std::string& more, const Demand& asked = demand()) {
    return found("Proxy-Authorization: " + credentials(more) + "\r\n", asked);
  };
  EXPECT_EQ(with(", algorithm=MD5"), "bob");
  EXPECT_EQ(with(", algorithm=SHA-512-256"), "no credentials");
  EXPECT_EQ(with(", algorithm=SHA-1"), "no credentials");
  EXPECT_EQ(with(", qop=auth, nc=1, cnonce=c"), "bob");
  EXPECT_EQ(with(", qop=auth-int, nc=1, cnonce=c"), "no credentials");
  Demand whole = demand();
  whole.qop = "auth-int";
  EXPECT_EQ(with(", qop=auth-int, nc=1, cnonce=c", whole), "bob");
  EXPECT_EQ(with("", whole), "no credentials");  // the body would not be covered
  whole.qop = "";
  EXPECT_EQ(with("", whole), "bob");
  whole.algorithms = kOne;
  EXPECT_EQ(with("", whole), "no credentials");  // no downgrade to MD5
}

TEST(Presented, GiveTheNameThatIsMeant) {
  const auto named = [](const std::string& name) {
    auto text = credentials("");
    text.replace(text.find("username=\"bob\""), 14, name);
    return found("Proxy-Authorization: " + text + "\r\n");
  };
  EXPECT_EQ(named(R"(username="a \"b\" \\")"), R"(a "b" \)");
  EXPECT_EQ(named("username=\"J\xc3\xa4s\""), "J\xc3\xa4s");
  EXPECT_EQ(named("username*=UTF-8''J%C3%A4s"), "J\xc3\xa4s");
  EXPECT_EQ(named("username*=latin1''J"), "malformed credentials");
  EXPECT_EQ(named("username=\"'; DROP TABLE subscriber;--\""), "'; DROP TABLE subscriber;--");
}

bool fits(const std::string& credentials_uri, const std::string& request_uri) {
  const auto message = request("", request_uri);
  Presented presented;
  presented.credentials.uri = credentials_uri;
  return are_for(presented, *message);
}

TEST(Presented, AreForOneRequestUri) {
  EXPECT_TRUE(fits("sip:bob@example.com", "sip:bob@example.com"));
  EXPECT_TRUE(fits("sip:bob@EXAMPLE.com:5060", "sip:bob@example.com"));
  EXPECT_TRUE(fits("sip:bob@example.com", "sip:bob@example.com;transport=tcp"));
  EXPECT_TRUE(fits("tel:+49301", "tel:+49301"));
  EXPECT_FALSE(fits("sip:alice@example.com", "sip:bob@example.com"));
  EXPECT_FALSE(fits("sip:example.com", "sip:bob@example.com"));
  EXPECT_FALSE(fits("sip:bob@example.com:5070", "sip:bob@example.com"));
  EXPECT_FALSE(fits("tel:+49301", "tel:+49302"));
  EXPECT_FALSE(fits("", "sip:bob@example.com"));
}

TEST(Presented, ProveAPasswordForThisMethodUriAndBody) {
  const auto ha1 = parser::digest_ha1(DigestAlgorithm::md5, "bob", "r", "zanzibar");
  const auto proof = parser::digest_response({.algorithm = DigestAlgorithm::md5,
                                              .nonce = "n",
                                              .cnonce = "c\"c",
                                              .nc = "1",
                                              .qop = "auth-int",
                                              .method = "INVITE",
                                              .uri = "sip:bob@example.com",
                                              .body = "v=0\r\n"},
                                             ha1);
  auto text = credentials(R"(, qop=auth-int, nc=1, cnonce="c\"c")");
  text.replace(text.find(kHash), kHash.size(), proof.text());
  Demand asked = demand();
  asked.qop = "auth-int";
  for (const auto& [body, good] : {std::pair("v=0\r\n", true), std::pair("v=1\r\n", false)}) {
    const auto message =
        request("Proxy-Authorization: " + text + "\r\n", "sip:bob@example.com", body);
    const auto presented = find_presented(*message, asked);
    ASSERT_TRUE(presented);
    EXPECT_EQ(prove(*presented, *message, ha1), good);
    EXPECT_FALSE(
        prove(*presented, *message, parser::digest_ha1(DigestAlgorithm::md5, "bob", "r", "other")));
    EXPECT_FALSE(prove(*presented, *message, parser::DigestHash()));
  }
}

// Fault 3 of the list that the server has to survive: cut anywhere, nothing but a refusal comes.
TEST(Presented, ThatAreCutAnywhereAreRefused) {
  const auto whole = credentials(R"(, algorithm=MD5, qop=auth, nc=00000001, cnonce="c")");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto message = request("Proxy-Authorization: " + whole.substr(0, size) + "\r\n");
    const auto presented = find_presented(*message, demand());
    if (presented) {
      EXPECT_FALSE(prove(*presented, *message,
                         parser::digest_ha1(DigestAlgorithm::md5, "bob", "r", "zanzibar")));
    }
  }
}

}  // namespace
}  // namespace opensips::auth
