#include "l1_parser/reply.hh"

#include <gtest/gtest.h>

#include <string>

#include "l1_parser/writer.hh"

namespace opensips::parser {
namespace {

constexpr base::SipKey kKey{1, 2};

base::Ref<Message> request(const std::string& via, const char* from = "192.0.2.9",
                           std::uint16_t port = 6000, const std::string& to_tag = {},
                           base::Transport transport = base::Transport::udp) {
  base::Flow flow{*base::Address::parse(from, port), 3, transport};
  return Message::parse("OPTIONS sip:b@192.0.2.1 SIP/2.0\r\nVia: " + via +
                            "\r\nFrom: <sip:a@x>;tag=a\r\nTo: <sip:b@x>" + to_tag +
                            "\r\nCall-ID: call\r\nCSeq: 1 OPTIONS\r\n\r\n",
                        flow)
      .message;
}

/// The Via line of an answer.
std::string stamped(const std::string& via, const char* from = "192.0.2.9",
                    std::uint16_t port = 6000) {
  const auto message = request(via, from, port);
  stamp_via(*message);
  const std::string text(write(*message, *make_reply(*message, kKey, 200))->view());
  const auto begin = text.find("Via: ") + 5;
  return text.substr(begin, text.find("\r\n", begin) - begin);
}

TEST(StampVia, LeavesAViaAloneThatTellsTheTruth) {
  EXPECT_EQ(stamped("SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bKx"),
            "SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bKx");
}

TEST(StampVia, SaysWhereTheRequestReallyCameFrom) {
  EXPECT_EQ(stamped("SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx"),
            "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx;received=192.0.2.9");
  EXPECT_EQ(stamped("SIP/2.0/UDP phone.example.com;branch=z9hG4bKx"),
            "SIP/2.0/UDP phone.example.com;branch=z9hG4bKx;received=192.0.2.9");
}

TEST(StampVia, FillsInRportAndThenReceivedAlways) {
  EXPECT_EQ(stamped("SIP/2.0/UDP 192.0.2.9;rport;branch=z9hG4bKx"),
            "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx;received=192.0.2.9;rport=6000");
}

TEST(StampVia, FillsInRportWhereverItStands) {
  const std::string filled = ";received=192.0.2.9;rport=6000";
  const std::string begin = "SIP/2.0/UDP 192.0.2.9";
  for (const std::string rport : {"rport", "RPORT", "rport=", "rport = ", " rport"}) {
    EXPECT_EQ(stamped(begin + ";" + rport), begin + filled) << rport;
    EXPECT_EQ(stamped(begin + ";" + rport + ";branch=z9hG4bKx"),
              begin + ";branch=z9hG4bKx" + filled);
    EXPECT_EQ(stamped(begin + ";branch=z9hG4bKx;" + rport), begin + ";branch=z9hG4bKx" + filled);
    EXPECT_EQ(stamped(begin + ";xrport;branch=z9hG4bKx;" + rport + ";y"),
              begin + ";xrport;branch=z9hG4bKx;y" + filled);
  }
}

TEST(StampVia, WhatThePeerClaimedAboutItselfIsReplaced) {
  EXPECT_EQ(stamped("SIP/2.0/UDP 192.0.2.9;received=203.0.113.1;rport=1;branch=z9hG4bKx;x=\"a;b\""),
            "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx;x=\"a;b\";received=192.0.2.9;rport=6000");
  EXPECT_EQ(stamped("SIP/2.0/UDP 192.0.2.9;Received=203.0.113.1;branch=z9hG4bKx"),
            "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx;received=192.0.2.9");
}

TEST(StampVia, Ipv6IsWrittenWithoutBrackets) {
  EXPECT_EQ(stamped("SIP/2.0/UDP 10.0.0.1;rport;branch=z9hG4bKx", "2001:db8::1", 65535),
            "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx;received=2001:db8::1;rport=65535");
  EXPECT_EQ(stamped("SIP/2.0/UDP [2001:DB8:0::1];branch=z9hG4bKx", "2001:db8::1"),
            "SIP/2.0/UDP [2001:DB8:0::1];branch=z9hG4bKx");
}

TEST(StampVia, LongestAddressFits) {
  const std::string longest = "2001:db8:1111:2222:3333:4444:5555:6666";
  EXPECT_EQ(stamped("SIP/2.0/UDP h;rport", longest.c_str(), 65535),
            "SIP/2.0/UDP h;received=" + longest + ";rport=65535");
}

TEST(StampVia, OtherViasOfTheLineStay) {
  EXPECT_EQ(stamped("SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx , SIP/2.0/UDP 10.0.0.2;branch=z9hG4bKy"),
            "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx;received=192.0.2.9 , SIP/2.0/UDP "
            "10.0.0.2;branch=z9hG4bKy");
}

TEST(ReplyFlow, GoesBackWhereTheRequestCameFromToThePortOfItsVia) {
  const auto flow = reply_flow(*request("SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKx"));
  EXPECT_EQ(flow.peer.to_string(), "192.0.2.9:5070");
  EXPECT_EQ(flow.socket, 3);
  EXPECT_EQ(reply_flow(*request("SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx")).peer.port(), 5060);
}

TEST(ReplyFlow, RportMeansThePortItCameFrom) {
  EXPECT_EQ(
      reply_flow(*request("SIP/2.0/UDP 10.0.0.1:5070;rport;branch=z9hG4bKx")).peer.to_string(),
      "192.0.2.9:6000");
}

TEST(ReplyFlow, OverAConnectionItGoesBackTheSameWay) {
  const auto message = request("SIP/2.0/TCP 10.0.0.1:5070;branch=z9hG4bKx", "192.0.2.9", 6000, "",
                               base::Transport::tcp);
  EXPECT_EQ(reply_flow(*message).connection, message->source().connection);
  // Once that is gone: to the port of the Via (RFC 3261 18.2.2), which rport does not change.
  EXPECT_EQ(reply_flow(*message).peer.to_string(), "192.0.2.9:5070");
}

TEST(ReplyFlow, MaddrOfTheRequestIsNotFollowed) {
  EXPECT_EQ(reply_flow(*request("SIP/2.0/UDP 10.0.0.1;maddr=203.0.113.1")).peer.to_string(),
            "192.0.2.9:5060");
}

std::string tag_of(const std::string& branch, unsigned code = 200, const base::SipKey& key = kKey) {
  return std::string(
      make_reply(*request("SIP/2.0/UDP 192.0.2.9;branch=" + branch), key, code)->to_tag);
}

TEST(MakeReply, HasTheSameTagForEveryAnswerToOneRequest) {
  EXPECT_EQ(tag_of("z9hG4bKx").size(), 16U);
  EXPECT_EQ(tag_of("z9hG4bKx", 180), tag_of("z9hG4bKx", 487));
  EXPECT_NE(tag_of("z9hG4bKx"), tag_of("z9hG4bKy"));
  EXPECT_NE(tag_of("z9hG4bKx"), tag_of("z9hG4bKx", 200, base::SipKey{3, 4}));
}

TEST(MakeReply, AckOfARefusalIsKnownByItsTag) {
  const std::string via = "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx";
  const auto with_tag = ";tag=" + tag_of("z9hG4bKx");
  EXPECT_TRUE(acknowledges_reply(*request(via, "192.0.2.9", 6000, with_tag), kKey));
  EXPECT_FALSE(acknowledges_reply(*request(via), kKey));
  EXPECT_FALSE(acknowledges_reply(*request(via, "192.0.2.9", 6000, ";tag=theirs"), kKey));
  EXPECT_FALSE(acknowledges_reply(
      *request("SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKy", "192.0.2.9", 6000, with_tag), kKey));
}

TEST(MakeReply, TryingHasNoTag) {
  EXPECT_EQ(tag_of("z9hG4bKx", 100), "");
}

TEST(MakeReply, TagOfTheRequestStays) {
  const auto message =
      request("SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx", "192.0.2.9", 6000, ";tag=theirs");
  const std::string text(write(*message, *make_reply(*message, kKey, 481))->view());
  EXPECT_NE(text.find("To: <sip:b@x>;tag=theirs\r\n"), std::string::npos) << text;
}

TEST(MakeReply, ReasonIsTheUsualOneUnlessGiven) {
  const auto message = request("SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx");
  EXPECT_TRUE(write(*message, *make_reply(*message, kKey, 404))
                  ->view()
                  .starts_with("SIP/2.0 404 Not Found\r\n"));
  EXPECT_TRUE(write(*message, *make_reply(*message, kKey, 404, "Gone Fishing"))
                  ->view()
                  .starts_with("SIP/2.0 404 Gone Fishing\r\n"));
}

}  // namespace
}  // namespace opensips::parser
