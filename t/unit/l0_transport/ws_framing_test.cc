#include "l0_transport/ws_framing.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "unit/l0_transport/ws_client.hh"

namespace opensips::transport {
namespace {

using Kind = Framing::Event::Kind;

const std::string kRequest =
    "GET / HTTP/1.1\r\nHost: a.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    "Origin: https://a.example\r\nSec-WebSocket-Protocol: sip\r\n\r\n";
const std::string kMessage = "OPTIONS sip:a@192.0.2.1 SIP/2.0\r\nCall-ID: 1\r\n\r\n";

class WsFramingTest : public ::testing::Test {
 protected:
  void read(std::string_view bytes) {
    framing.read(bytes, [&](const Framing::Event& event) {
      kinds.push_back(event.kind);
      said.emplace_back(event.bytes);
      return true;
    });
  }
  void open() {
    read(kRequest);
    ASSERT_EQ(kinds, (std::vector{Kind::opened}));
    kinds.clear();
    said.clear();
  }
  std::uint64_t count(std::string_view name) { return *registry.value(name); }

  WsOptions options{
      .max_message = 4096, .handshake_time = 7, .message_time = 8, .ping_interval = 9};
  base::Stats registry;
  WsStats stats{registry, registry.new_block()};
  WsFraming framing{options, stats, *base::Address::parse("192.0.2.1", 5060)};
  std::vector<Kind> kinds;
  std::vector<std::string> said;
};

base::WireRef wire_of(std::string_view text) {
  auto wire = base::Wire::make(text.size());
  std::ranges::copy(text, wire->data());
  wire->resize(text.size());
  return wire;
}

TEST_F(WsFramingTest, FirstShakesHandsThenReadsMessages) {
  for (const char c : kRequest) {
    EXPECT_TRUE(kinds.empty());
    EXPECT_EQ(framing.patience(), 7U);
    EXPECT_FALSE(framing.wrap(wire_of(kMessage)));
    read({&c, 1});
  }
  EXPECT_EQ(kinds, (std::vector{Kind::opened}));
  EXPECT_TRUE(said[0].starts_with("HTTP/1.1 101 "));
  EXPECT_EQ(framing.patience(), 0U);
  read(text_frame(kMessage));
  EXPECT_EQ(kinds.back(), Kind::message);
  EXPECT_EQ(said.back(), kMessage);
  EXPECT_EQ(count("net:ws_handshakes"), 1U);
}

TEST_F(WsFramingTest, ReadsFramesThatComeWithTheRequest) {
  read(kRequest + text_frame(kMessage) + text_frame(kMessage).substr(0, 9));
  EXPECT_EQ(kinds, (std::vector{Kind::opened, Kind::message}));
  EXPECT_EQ(framing.patience(), 8U);
}

TEST_F(WsFramingTest, WrapsAMessageIntoAFrame) {
  open();
  EXPECT_EQ(framing.wrap(wire_of("hello"))->view(), "\x81\x05hello");
}

TEST_F(WsFramingTest, RefusesAndCountsAHandshakeThatIsNotGood) {
  read("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(kinds, (std::vector{Kind::refused}));
  EXPECT_TRUE(said[0].starts_with("HTTP/1.1 426 "));
  EXPECT_EQ(count("net:ws_refused_upgrade"), 1U);
  EXPECT_FALSE(framing.wrap(wire_of(kMessage)));
  EXPECT_EQ(framing.patience(), 0U);
  read(kRequest);
  EXPECT_EQ(kinds.size(), 1U);
}

TEST_F(WsFramingTest, RefusesARequestThatGrowsTooLong) {
  const std::string filler = "GET / HTTP/1.1\r\nX: " + std::string(kMaxWsRequest, 'x');
  read(filler.substr(0, kMaxWsRequest));
  EXPECT_TRUE(kinds.empty());
  read("x");
  EXPECT_EQ(kinds, (std::vector{Kind::refused}));
  EXPECT_EQ(count("net:ws_refused_bad_request"), 1U);
}

TEST_F(WsFramingTest, RefusesARequestThatComesWholeAndIsTooLong) {
  auto request = kRequest;
  request.insert(request.size() - 2, "X: " + std::string(kMaxWsRequest, 'x') + "\r\n");
  read(request);
  EXPECT_EQ(kinds, (std::vector{Kind::refused}));
}

TEST_F(WsFramingTest, LineEndsAloneAreAKeepalive) {
  open();
  read(text_frame("\r\n\r\n"));
  EXPECT_EQ(kinds, (std::vector{Kind::keepalive, Kind::answer}));
  EXPECT_EQ(said[1], "\x81\x02\r\n");
  read(text_frame("\r\n") + text_frame(""));
  EXPECT_EQ(kinds, (std::vector{Kind::keepalive, Kind::answer, Kind::keepalive, Kind::keepalive}));
}

TEST_F(WsFramingTest, AMessageThatIsNotSipClosesWith1003) {
  open();
  read(text_frame("hello") + text_frame(kMessage));
  EXPECT_EQ(kinds, (std::vector{Kind::refused}));
  EXPECT_EQ(said[0], "\x88\x02\x03\xeb");
  EXPECT_EQ(count("net:ws_failed"), 1U);
  EXPECT_FALSE(framing.wrap(wire_of(kMessage)));
}

TEST_F(WsFramingTest, TellsAPeerThatClosesFromOneThatIsRefused) {
  open();
  read(ClientFrame{.opcode = 8, .payload = "\x03\xe8"}.bytes());
  EXPECT_EQ(kinds, (std::vector{Kind::closed}));
  EXPECT_EQ(said[0], "\x88\x02\x03\xe8");
  EXPECT_EQ(count("net:ws_failed"), 0U);
}

TEST_F(WsFramingTest, AsksOnlyWhoIsThereAndWantsToHearSomethingBack) {
  EXPECT_EQ(framing.probing().interval, 9U);
  EXPECT_EQ(framing.probe(), "");
  open();
  EXPECT_EQ(framing.probe(), std::string_view("\x89\0", 2));
  read(ClientFrame{.opcode = 10}.bytes().substr(0, 1));
  read(ClientFrame{.opcode = 10}.bytes().substr(1));
  EXPECT_EQ(count("net:ws_pings_sent"), 1U);
  EXPECT_EQ(count("net:ws_pongs_received"), 1U);
  EXPECT_TRUE(kinds.empty());
}

}  // namespace
}  // namespace opensips::transport
