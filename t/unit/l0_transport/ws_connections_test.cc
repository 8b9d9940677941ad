// WebSocket over real sockets.

#include "unit/l0_transport/connections_fixture.hh"
#include "unit/l0_transport/ws_client.hh"

namespace opensips::transport::wired {
namespace {

class WebSocketConnectionsTest : public ConnectionsTest {
 protected:
  static constexpr std::string_view kRequest =
      "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
      "Origin: https://a.example\r\nSec-WebSocket-Protocol: sip\r\n\r\n";
  static constexpr std::size_t kAnswer = 158;  // bytes

  Peer client() {
    auto peer = Peer::to(mine);
    peer.send(kRequest);
    const auto answer = peer.receive(kAnswer);
    EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
    return peer;
  }
  static Flow to_client(const Address& peer, base::ConnectionId connection = {}) {
    return {peer, 0, Transport::ws, false, connection};
  }
};

TEST_F(WebSocketConnectionsTest, MessagesComeAndGoInFrames) {
  start({}, Transport::ws);
  auto peer = client();
  peer.send(text_frame("OPTIONS sip:a@192.0.2.1 SIP/2.0\r\n\r\n"));
  const auto got = seen.wait_for(1)[0];
  EXPECT_EQ(got.bytes, "OPTIONS sip:a@192.0.2.1 SIP/2.0\r\n\r\n");
  EXPECT_EQ(got.from.transport, Transport::ws);
  for (unsigned worker = 0; worker < 2; ++worker) {
    send(worker, "hello", got.from);
    EXPECT_EQ(peer.receive(7), "\x81\x05hello");
  }
}

TEST_F(WebSocketConnectionsTest, NobodyConnectsToAClientThatHasGone) {
  start({}, Transport::ws);
  auto peer = client();
  peer.send(text_frame("OPTIONS sip:a@192.0.2.1 SIP/2.0\r\n\r\n"));
  const auto flow = seen.wait_for(1)[0].from;
  peer.close();
  wait_until_gone();
  send(1, "hello", flow, loop::ClientId(1, 2, 3));
  const auto failed = failures.wait_for(1)[0];
  EXPECT_EQ(failed.worker, 1U);
  EXPECT_EQ(failed.event.error, ENOTCONN);
  EXPECT_EQ(stats.value("net:ws_opened"), 0U);
}

TEST_F(WebSocketConnectionsTest, NothingIsSentBeforeTheHandshakeIsOver) {
  start({}, Transport::ws);
  auto peer = Peer::to(mine);
  peer.send(kRequest.substr(0, 20));
  expect_stat("net:ws_connections", 1);
  send(0, "hello", to_client(peer.address()), loop::ClientId(0, 2, 3));
  EXPECT_EQ(failures.wait_for(1)[0].event.error, ENOTCONN);
  peer.send(kRequest.substr(20));
  EXPECT_TRUE(peer.receive(kAnswer).starts_with("HTTP/1.1 101 "));
}

TEST_F(WebSocketConnectionsTest, WhoDoesNotAnswerAPingHasGone) {
  TcpOptions options;
  options.ws.ping_interval = 1000;
  start(options, Transport::ws);
  auto peer = client();
  EXPECT_EQ(peer.receive(2), std::string_view("\x89\0", 2));
  peer.send(ClientFrame{.opcode = 10}.bytes());
  EXPECT_EQ(peer.receive(2), std::string_view("\x89\0", 2));
  EXPECT_TRUE(peer.closed());
  expect_stat("net:ws_closed_no_pong", 1);
  EXPECT_EQ(stats.value("net:ws_pongs_received"), 1U);
}

TEST_F(WebSocketConnectionsTest, AHandshakeHasItsTime) {
  TcpOptions options;
  options.ws.handshake_time = 50;
  start(options, Transport::ws);
  auto peer = Peer::to(mine);
  EXPECT_TRUE(peer.closed());
  expect_stat("net:ws_closed_slow_message", 1);
}

}  // namespace
}  // namespace opensips::transport::wired
