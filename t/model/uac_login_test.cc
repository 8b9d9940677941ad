// Requests of the server's own that are challenged (RFC 3261 22, RFC 8760).

#include <gtest/gtest.h>

#include "model/uac_model.hh"

namespace opensips::model {
namespace {

class UacLoginTest : public UacTest {};

const std::string kMd5 = "WWW-Authenticate: Digest realm=\"r\", nonce=\"n1\", qop=\"auth\"\r\n";
const std::string kSha =
    "WWW-Authenticate: Digest realm=\"r\", nonce=\"n2\", algorithm=SHA-256, qop=\"auth\"\r\n";
const std::string kProxy = "Proxy-Authenticate: Digest realm=\"p\", nonce=\"n3\"\r\n";
const UacOptions kLogin{
    .next_hop = {}, .flow = {}, .login = {.username = "alice", .password = "secret", .ha1 = {}}};

TEST_F(UacLoginTest, ChallengeIsAnsweredOnce) {
  send(request("OPTIONS"), kLogin);
  const auto first = take();
  say(first, 401, kMd5);
  EXPECT_EQ(heard, Lines{});
  const auto second = take();
  EXPECT_EQ(values(second, "CSeq"), Lines{"2 OPTIONS"});
  EXPECT_EQ(values(second, "Call-ID"), values(first, "Call-ID"));
  EXPECT_EQ(values(second, "From"), values(first, "From"));
  EXPECT_EQ(values(second, "To"), values(first, "To"));
  EXPECT_NE(values(second, "Via"), values(first, "Via"));
  const auto credentials = values(second, "Authorization");
  ASSERT_EQ(credentials.size(), 1U);
  EXPECT_TRUE(
      credentials[0].starts_with("Digest username=\"alice\", realm=\"r\", nonce=\"n1\", "
                                 "uri=\"sip:peer@127.0.0.1:5080\""));
  EXPECT_TRUE(values(first, "Authorization").empty());
  say(second, 401, kMd5);  // it was wrong
  EXPECT_EQ(lines(), Lines{});
  EXPECT_EQ(heard, Lines{"401"});
  expect_end();
}

TEST_F(UacLoginTest, NonceThatWasTooOldIsReplacedAndTheOtherAnswersAreKept) {
  send(request("OPTIONS"), kLogin);
  say(take(), 407, kProxy);
  EXPECT_EQ(values(take(), "Proxy-Authorization").size(), 1U);
  say(sent.bytes, 401, kMd5);
  EXPECT_EQ(values(take(), "Proxy-Authorization").size(), 1U);
  EXPECT_EQ(values(sent.bytes, "Authorization").size(), 1U);
  say(sent.bytes, 401,
      "WWW-Authenticate: Digest realm=\"r\", nonce=\"n9\", qop=\"auth\", stale=true\r\n");
  EXPECT_NE(take().find("nonce=\"n9\""), std::string::npos);
  EXPECT_EQ(values(sent.bytes, "Authorization").size(), 1U);
  EXPECT_EQ(values(sent.bytes, "CSeq"), Lines{"4 OPTIONS"});
  say(sent.bytes, 200);
  EXPECT_EQ(heard, Lines{"200"});
  expect_end();
}

TEST_F(UacLoginTest, ServerWhoseNoncesAreAlwaysTooOldIsGivenUp) {
  send(request("OPTIONS"), kLogin);
  int rounds = 0;
  for (; heard.empty() && rounds < 100; ++rounds) {
    say(take(), 401, "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", stale=true\r\n");
  }
  EXPECT_EQ(heard, Lines{"401"});
  EXPECT_EQ(rounds, 6);
}

TEST_F(UacLoginTest, FirstOfTheChallengesThatCanBeAnsweredIs) {
  send(request("OPTIONS"), kLogin);
  say(take(), 401,
      "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", algorithm=UNKNOWN\r\n"
      "WWW-Authenticate: Basic realm=\"r\"\r\n" +
          kSha + kMd5);
  const auto credentials = values(take(), "Authorization");
  ASSERT_EQ(credentials.size(), 1U);
  EXPECT_NE(credentials[0].find("algorithm=SHA-256"), std::string::npos);
}

TEST_F(UacLoginTest, WithoutALoginOrAKnownAlgorithmAChallengeIsTheAnswer) {
  send(request("OPTIONS"));
  say(take(), 401, kMd5);
  EXPECT_EQ(heard, Lines{"401"});
  heard.clear();
  send(request("OPTIONS"), kLogin);
  say(take(), 401, "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", algorithm=X\r\n");
  EXPECT_EQ(heard, Lines{"401"});
}

TEST_F(UacLoginTest, ChallengedInviteIsAcknowledgedAndTheNextOneIsTheCall) {
  const auto id = send(request("INVITE"), kLogin);
  const auto first = take();
  say(first, 407, kProxy);
  EXPECT_EQ(lines(), (Lines{"ACK sip:peer@127.0.0.1:5080 SIP/2.0",
                            "INVITE sip:peer@127.0.0.1:5080 SIP/2.0"}));
  const auto second = sent.bytes;
  model.pass(40'000);                     // the first one ends
  EXPECT_EQ(model.stack.uac.open(), 0U);  // so did the second, unanswered
  EXPECT_EQ(heard, Lines{"408 made here"});

  heard.clear();
  lines();
  const auto other = send(request("INVITE"), kLogin);
  say(take(), 407, kProxy);
  const auto invite = take();
  say(invite, 180);
  model.pass(40'000);
  model.stack.uac.cancel(other);
  EXPECT_EQ(lines(), Lines{"CANCEL sip:peer@127.0.0.1:5080 SIP/2.0"});
  say(invite, 487);
  EXPECT_EQ(heard, Lines{"487"});
  EXPECT_NE(id, other);
  expect_end();
}

}  // namespace
}  // namespace opensips::model
