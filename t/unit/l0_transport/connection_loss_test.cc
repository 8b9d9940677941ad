// How connections end, and who hears of it; what is sent where none can be opened.

#include "l0_transport/connections.hh"
#include "unit/l0_transport/connections_fixture.hh"

namespace opensips::transport::wired {
namespace {

TEST_F(ConnectionsTest, ItsEndIsToldToItsWorkerAndToThoseWhoseClientsSentOverIt) {
  start();
  auto unused = Peer::to(mine);
  unused.send(message(""));
  const auto first = seen.wait_for(1)[0].from;
  unused.close();
  EXPECT_EQ(closed.wait_for(1)[0].event.flow.connection, first.connection);
  auto used = Peer::to(mine);
  used.send(message(""));
  const auto flow = seen.wait_for(2)[1].from;
  send(1, "request", flow, loop::ClientId(1, 7, 7));
  EXPECT_EQ(used.receive(7), "request");
  used.close();
  const auto told = closed.wait_for(3);
  EXPECT_EQ(told[1].worker + told[2].worker, 1U) << "each once";
  for (unsigned i = 1; i < 3; ++i) {
    EXPECT_EQ(told[i].event.flow.connection, flow.connection);
    EXPECT_TRUE(told[i].event.led_to_peer);
  }
}

TEST_F(ConnectionsTest, NoConnectionIsOpenedToAPeerThatCannotBeReached) {
  start();
  Listener there;
  auto flow = to(there.address());
  flow.no_connect = true;
  const loop::ClientId client(1, 7, 7);
  send(0, "x", flow, client);
  EXPECT_EQ(failures.wait_for(1)[0].event.error, ENOTCONN);
  EXPECT_TRUE(there.nobody_waits());
  send(0, "first ", to(there.address()));
  auto peer = there.accept();
  send(1, "second", flow, client);
  EXPECT_EQ(peer.receive(12), "first second") << "one that is there is used";
}

TEST_F(ConnectionsTest, AClientWhoseConnectionIsGoneHearsThatItsRequestWentByAnother) {
  start();
  auto gone = Peer::to(mine);
  gone.send(message(""));
  const auto flow = seen.wait_for(1)[0].from;
  gone.close();
  closed.wait_for(1);
  Listener there;
  const loop::ClientId client(1, 7, 7);
  send(1, "x", to(there.address(), flow.connection), client);
  auto peer = there.accept();
  EXPECT_EQ(peer.receive(1), "x");
  EXPECT_EQ(rerouted.wait_for(1)[0], client);
}

TEST_F(ConnectionsTest, APeerThatSendsNoMoreGetsItsAnswers) {
  start();
  auto peer = Peer::to(mine);
  peer.send(message(""));
  const auto flow = seen.wait_for(1)[0].from;
  peer.shut_down();
  EXPECT_EQ(closed.wait_for(1)[0].event.flow.connection, flow.connection)
      << "no request goes there";
  send(1, "SIP/2.0 100 Trying\r\n", flow);
  send(0, "SIP/2.0 200 OK\r\n", flow);
  EXPECT_EQ(peer.receive(36), "SIP/2.0 100 Trying\r\nSIP/2.0 200 OK\r\n");
  wait_until_gone();
  EXPECT_EQ(stats.value("net:tcp_closed_by_peer"), 1U);
  EXPECT_EQ(closed.size(), 1U);
}

TEST_F(ConnectionsTest, AnswersThatDidNotArriveGoToTheAddressThatTheyHave) {
  start();
  auto peer = Peer::to(mine);
  peer.send(message(""));
  auto flow = seen.wait_for(1)[0].from;
  peer.close();  // the whole of it: what comes then is refused
  closed.wait_for(1);
  Listener there;
  flow.peer = there.address();
  send(1, "SIP/2.0 200 OK\r\n", flow);
  EXPECT_EQ(there.accept().receive(16), "SIP/2.0 200 OK\r\n");
}

TEST_F(ConnectionsTest, AnAliasLeadsToTheConnectionAsLongAsItLives) {
  TcpOptions options;
  options.alias_port_of = [](std::string_view text) -> std::uint16_t {
    return text.find("alias") == std::string_view::npos ? 0 : 5099;
  };
  start(options);
  auto peer = Peer::to(mine);
  auto address = peer.address();
  address.set_port(5099);
  peer.send(message("plain"));
  seen.wait_for(1);
  EXPECT_FALSE(table->find(to(address)));
  peer.send(message("alias"));
  const auto from = seen.wait_for(2)[1].from;
  EXPECT_EQ(table->find(to(address)), from.connection);
  send(1, "request", to(address), loop::ClientId(1, 7, 7));
  EXPECT_EQ(peer.receive(7), "request");
  peer.close();
  for (const auto& one : closed.wait_for(4)) EXPECT_EQ(one.event.flow.connection, from.connection);
  EXPECT_FALSE(table->find(to(address)));
}

TEST_F(ConnectionsTest, QuietConnectionsThatWeOpenedArePingedAndNeedAnAnswer) {
  TcpOptions options;
  options.ping_interval = 50;
  options.pong_timeout = 200;
  start(options);
  auto accepted = Peer::to(mine);
  Listener there;
  send(0, "x", to(there.address()));
  auto peer = there.accept();
  EXPECT_EQ(peer.receive(5), "x\r\n\r\n");
  peer.send("\r\n");
  EXPECT_EQ(peer.receive(4), "\r\n\r\n");
  EXPECT_TRUE(peer.closed());
  expect_stat("net:tcp_closed_no_pong", 1);
  accepted.send(message(""));
  seen.wait_for(1);  // it was not, and is still open
}

}  // namespace
}  // namespace opensips::transport::wired
