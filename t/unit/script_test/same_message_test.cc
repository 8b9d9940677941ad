#include "script_test/same_message.hh"

#include <gtest/gtest.h>

namespace opensips::script_test {
namespace {

std::string invite(const std::string& branch, const std::string& did,
                   const std::string& more = {}) {
  return "INVITE sip:bob@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=" + branch +
         "\r\nRecord-Route: <sip:192.0.2.1;lr;did=" + did +
         ">\r\nFrom: <sip:alice@x>;tag=a\r\nTo: <sip:bob@x>\r\nCall-ID: c\r\nCSeq: 7 INVITE\r\n" +
         more + "Content-Length: 0\r\n\r\n";
}

TEST(SameMessage, WhatIsMadeUpMayDifferIfOneStandsForTheOther) {
  MadeUp made_up;
  EXPECT_FALSE(difference(invite("z9hG4bKold", "1.aa"), invite("z9hG4bKnew", "2.bb"), made_up));
  EXPECT_FALSE(difference(invite("z9hG4bKold", "1.aa"), invite("z9hG4bKnew", "2.bb"), made_up));
  EXPECT_TRUE(difference(invite("z9hG4bKold", "1.aa"), invite("z9hG4bKother", "2.bb"), made_up));
  EXPECT_TRUE(difference(invite("z9hG4bKelse", "1.aa"), invite("z9hG4bKnew", "2.bb"), made_up));
}

TEST(SameMessage, TheFirstLineThatDiffersIsSaid) {
  MadeUp made_up;
  const auto changed = difference(invite("z9hG4bKx", "1.aa", "X-Class: gold\r\n"),
                                  invite("z9hG4bKx", "1.aa", "X-Class: lead\r\n"), made_up);
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->then, "X-Class: gold");
  EXPECT_EQ(changed->now, "X-Class: lead");
  const auto added =
      difference(invite("z9hG4bKx", "1.aa"), invite("z9hG4bKx", "1.aa", "X-A: b\r\n"), made_up);
  ASSERT_TRUE(added);
  EXPECT_EQ(added->then, "Content-Length: 0");
  EXPECT_EQ(added->now, "X-A: b");
  const auto body = difference("x\r\n\r\nbody", "x\r\n\r\n", made_up);
  ASSERT_TRUE(body);
  EXPECT_EQ(body->then, "body");
  EXPECT_EQ(body->now, "");
}

TEST(SameMessage, AnAnswerIsPutIntoTheWordsOfThisTime) {
  MadeUp made_up;
  static_cast<void>(
      difference(invite("z9hG4bKold", "1.aa"), invite("z9hG4bKnew", "2.bb"), made_up));
  EXPECT_EQ(made_up.translate(invite("z9hG4bKold", "1.aa")), invite("z9hG4bKnew", "2.bb"));
  EXPECT_EQ(made_up.translate(invite("z9hG4bKolder", "1.aaa")), invite("z9hG4bKolder", "1.aaa"));
}

TEST(SameMessage, MessagesAreToldApartByStartLineAndNumber) {
  EXPECT_EQ(kind_of(invite("z9hG4bKa", "1")), kind_of(invite("z9hG4bKb", "2")));
  EXPECT_EQ(kind_of(invite("z9hG4bKa", "1")), "INVITE sip:bob@192.0.2.2 SIP/2.0 7 INVITE");
}

}  // namespace
}  // namespace opensips::script_test
