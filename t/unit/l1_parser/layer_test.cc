// L1 on one worker: what it lets up, answers itself, or drops.

#include "l1_parser/layer.hh"

#include <gtest/gtest.h>

#include <string>

#include "l1_parser/draft.hh"
#include "l1_parser/reply.hh"

namespace opensips::parser {
namespace {

using loop::Verdict;
using loop::Walk;

const std::string kGood =
    "OPTIONS sip:b@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKx\r\n"
    "From: <sip:a@x>;tag=a\r\nTo: <sip:b@x>\r\nCall-ID: call\r\nCSeq: 1 OPTIONS\r\n\r\n";

class ParserLayerTest : public ::testing::Test {
 protected:
  Verdict up(const std::string& bytes) {
    walk = Walk::up(loop::LayerId::parser);
    walk.bytes = bytes;
    walk.flow = {*base::Address::parse("192.0.2.9", 6000), 0, base::Transport::udp};
    return layer.up(walk);
  }
  std::string with(const std::string& from, const std::string& to) const {
    auto text = kGood;
    return text.replace(text.find(from), from.size(), to);
  }
  std::uint64_t stat(std::string_view name) const { return stats.value(name).value_or(0); }
  std::string sent() const { return walk.wire ? std::string(walk.wire->view()) : ""; }

  base::Stats stats;
  loop::Owners owners{1};
  loop::Context context{0, 1, 0, stats};
  ParserLayer layer{
      context, owners, {.max_message = 1000, .tag_key = {1, 2}, .server_header = "Test"}};
  Walk walk;
};

TEST_F(ParserLayerTest, GoodRequestGoesUpStamped) {
  EXPECT_EQ(up(kGood), Verdict::up);
  ASSERT_TRUE(walk.message);
  EXPECT_TRUE(walk.bytes.empty());
  EXPECT_EQ(walk.message->call_id(), "call");
  const auto* stamp = walk.message->edits().at(walk.message->find(HeaderName::via));
  ASSERT_NE(stamp, nullptr);
  EXPECT_EQ(stamp->value, "SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKx;received=192.0.2.9");
  EXPECT_EQ(stat("core:rcv_requests"), 1U);
}

TEST_F(ParserLayerTest, GoodResponseGoesUpAsItIs) {
  EXPECT_EQ(up("SIP/2.0 200 OK\r\n" + kGood.substr(kGood.find("Via"))), Verdict::up);
  EXPECT_EQ(walk.message->edits().first(), nullptr);
  EXPECT_EQ(stat("core:rcv_replies"), 1U);
}

TEST_F(ParserLayerTest, MalformedRequestIsAnsweredToWhereItCameFrom) {
  EXPECT_EQ(up(with("CSeq: 1 OPTIONS", "CSeq: one OPTIONS")), Verdict::down);
  EXPECT_TRUE(sent().starts_with("SIP/2.0 400 Malformed CSeq\r\n")) << sent();
  EXPECT_NE(sent().find("Server: Test\r\n"), std::string::npos);
  EXPECT_NE(sent().find(";received=192.0.2.9\r\n"), std::string::npos);
  EXPECT_EQ(walk.flow.peer.to_string(), "192.0.2.9:5070");
  EXPECT_EQ(stat("core:bad_msg_hdr"), 1U);
}

TEST_F(ParserLayerTest, MalformedResponseAndAckAreDropped) {
  EXPECT_EQ(up("SIP/2.0 200 OK\r\n" + with("CSeq: 1", "CSeq: one").substr(kGood.find("Via"))),
            Verdict::done);
  EXPECT_EQ(stat("core:drop_replies"), 1U);
  auto ack = with("OPTIONS", "ACK");
  ack.replace(ack.find("1 OPTIONS"), 9, "one ACK");
  EXPECT_EQ(up(ack), Verdict::done);
  EXPECT_EQ(stat("core:drop_requests"), 1U);
  EXPECT_EQ(sent(), "");
}

TEST_F(ParserLayerTest, RequestWithoutAViaToAnswerToIsDropped) {
  EXPECT_EQ(up(with("Via", "X-Via")), Verdict::done);
  EXPECT_EQ(stat("core:drop_requests"), 1U);
}

TEST_F(ParserLayerTest, WhatIsNoMessageIsCountedAndDropped) {
  for (const char* bytes : {"", "\r\n\r\n", "nonsense", "GET / HTTP/1.1\r\n\r\n"}) {
    EXPECT_EQ(up(bytes), Verdict::done) << bytes;
    EXPECT_FALSE(walk.message);
  }
  EXPECT_EQ(stat("core:bad_msg_hdr"), 4U);
}

TEST_F(ParserLayerTest, MessageOfTheLargestSizeGoesUpAndALargerOneIs513) {
  const auto body = [](std::size_t size) {
    return kGood.substr(0, kGood.size() - 2) + "Content-Length: " + std::to_string(size) +
           "\r\n\r\n" + std::string(size, 'x');
  };
  const auto room = 1000 - (body(100).size() - 100);
  EXPECT_EQ(up(body(room)), Verdict::up);
  EXPECT_EQ(up(body(room + 1)), Verdict::down);
  EXPECT_TRUE(sent().starts_with("SIP/2.0 513 ")) << sent();
}

TEST_F(ParserLayerTest, DraftBecomesBytesAndACopyIsLeftWhereItIsWanted) {
  up(kGood);
  base::WireRef keep;
  walk.keep = &keep;
  walk.draft = make_reply(*walk.message, {1, 2}, 200);
  EXPECT_EQ(layer.down(walk), Verdict::down);
  EXPECT_TRUE(sent().starts_with("SIP/2.0 200 OK\r\n"));
  EXPECT_EQ(keep, walk.wire);
  EXPECT_EQ(walk.keep, nullptr);
}

TEST_F(ParserLayerTest, MessageWithoutContentLengthGetsOneOnItsWayIntoAStream) {
  const auto down = [&](base::Transport transport) {
    up(kGood + "body");
    walk.draft = walk.message->arena().make<Draft>();
    walk.flow.transport = transport;
    layer.down(walk);
    return sent();
  };
  EXPECT_EQ(down(base::Transport::udp).find("Content-Length"), std::string::npos);
  const auto text = down(base::Transport::tcp);
  EXPECT_TRUE(text.ends_with("CSeq: 1 OPTIONS\r\nContent-Length: 4\r\n\r\nbody")) << text;
}

TEST_F(ParserLayerTest, ContentLengthThatIsThereStays) {
  up(with("Call-ID", "l: 4\r\nCall-ID") + "body");
  walk.draft = walk.message->arena().make<Draft>();
  walk.flow.transport = base::Transport::tcp;
  layer.down(walk);
  EXPECT_NE(sent().find("\r\nl: 4\r\n"), std::string::npos) << sent();
  EXPECT_EQ(sent().find("Content-Length"), std::string::npos);
}

}  // namespace
}  // namespace opensips::parser
