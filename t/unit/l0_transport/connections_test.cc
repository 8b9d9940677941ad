#include "l0_transport/connections.hh"

#include "l0_transport/tcp_commands.hh"
#include "unit/l0_transport/connections_fixture.hh"

namespace opensips::transport::wired {
namespace {

TEST_F(ConnectionsTest, MessagesEnterThePathWithTheConnectionTheyCameBy) {
  start();
  auto peer = Peer::to(mine);
  peer.send(message("one") + message("two"));
  const auto got = seen.wait_for(2);
  EXPECT_EQ(got[0].bytes, message("one"));
  EXPECT_EQ(got[1].bytes, message("two"));
  EXPECT_EQ(got[0].from.peer, peer.address());
  EXPECT_EQ(got[0].from.socket, 0);
  EXPECT_EQ(got[0].from.transport, Transport::tcp);
  EXPECT_TRUE(got[0].from.connection);
  EXPECT_EQ(got[0].from.connection, got[1].from.connection);
  EXPECT_EQ(stats.value("net:tcp_connections"), 1U);
}

TEST_F(ConnectionsTest, AnswersGoBackOverTheConnectionFromEveryWorker) {
  start();
  auto peer = Peer::to(mine);
  peer.send(message(""));
  const auto flow = seen.wait_for(1)[0].from;
  send(0, "from its worker ", flow);
  EXPECT_EQ(peer.receive(16), "from its worker ");
  send(1, "from another", flow);
  EXPECT_EQ(peer.receive(12), "from another");
}

TEST_F(ConnectionsTest, OneConnectionIsOpenedToAPeerAndUsedByAll) {
  start();
  Listener there;
  send(0, "first ", to(there.address()));
  auto peer = there.accept();
  send(1, "second", to(there.address()));
  EXPECT_EQ(peer.receive(12), "first second");
  peer.send(message("back"));
  EXPECT_EQ(seen.wait_for(1)[0].from.peer, there.address());
  EXPECT_TRUE(there.nobody_waits());
  EXPECT_EQ(stats.value("net:tcp_opened"), 1U);
}

TEST_F(ConnectionsTest, WhatIsQueuedBeforeItIsConnectedGoesOutInOrder) {
  start();
  Listener there;
  on_worker(0, [&] {
    for (int i = 0; i < 200; ++i)
      all[0]->send(wire_of(std::to_string(i % 10)), to(there.address()), {});
  });
  auto peer = there.accept();
  std::string wanted;
  for (int i = 0; i < 200; ++i) wanted += std::to_string(i % 10);
  EXPECT_EQ(peer.receive(200), wanted);
}

TEST_F(ConnectionsTest, AcceptedConnectionLeadsToItsPeer) {
  start();
  auto peer = Peer::to(mine);
  peer.send(message(""));
  seen.wait_for(1);
  send(1, "hello", to(peer.address()));
  EXPECT_EQ(peer.receive(5), "hello");
}

TEST_F(ConnectionsTest, FlowWhoseConnectionIsGoneLeadsToItsPeer) {
  start();
  auto peer = Peer::to(mine);
  peer.send(message(""));
  auto flow = seen.wait_for(1)[0].from;
  send(0, "SIP/2.0 200 OK\r\n", flow);  // nothing more is owed to it
  EXPECT_EQ(peer.receive(16), "SIP/2.0 200 OK\r\n");
  peer.close();
  wait_until_gone();
  Listener there;
  flow.peer = there.address();
  send(0, "again ", flow);
  send(1, "and again", flow);
  EXPECT_EQ(there.accept().receive(15), "again and again");
}

TEST_F(ConnectionsTest, RefusedConnectionIsToldToTheClientOnItsWorker) {
  start();
  const auto nobody = Listener().address();
  const loop::ClientId client(1, 3, 9);
  send(1, "x", to(nobody), client);
  const auto told = failures.wait_for(1);
  EXPECT_EQ(told[0].worker, 1U);
  EXPECT_EQ(told[0].event.client, client);
  EXPECT_EQ(told[0].event.error, ECONNREFUSED);
  wait_until_gone();
  expect_stat("net:tcp_connect_failed", 1);
  EXPECT_EQ(stats.value("net:tcp_connections"), 0U);
}

TEST_F(ConnectionsTest, PeerThatDoesNotReadFailsTheClientsOfAllWorkers) {
  start({.send_queue = 100'000});
  Listener there;
  send(0, "x", to(there.address()));
  auto peer = there.accept();
  const std::string much(50'000, 'x');
  std::uint32_t next = 1;
  while (failures.size() == 0) {
    send(next % 2, much, to(there.address()), loop::ClientId(next % 2, next, 1));
    ++next;
  }
  const auto told = failures.wait_for(2);
  for (const auto& one : told) EXPECT_EQ(one.worker, one.event.client.worker());
  expect_stat("net:tcp_closed_slow_reader", 1);
}

TEST_F(ConnectionsTest, PeerThatReadsLateGetsEverything) {
  start();
  Listener there;
  const std::string part(10'000, 'x');
  for (int i = 0; i < 90; ++i) send(i % 2, part, to(there.address()));
  auto peer = there.accept();
  EXPECT_EQ(peer.receive(900'000).size(), 900'000U);
}

TEST_F(ConnectionsTest, ConnectionsBeyondTheLimitAreClosed) {
  start({.connections = 1});
  auto first = Peer::to(mine);
  first.send(message(""));
  seen.wait_for(1);
  EXPECT_TRUE(Peer::to(mine).closed());
  send(0, "x", to(Listener().address()), loop::ClientId(0, 1, 1));
  EXPECT_EQ(failures.wait_for(1)[0].event.error, EMFILE);
  expect_stat("net:tcp_refused", 2);
}

TEST_F(ConnectionsTest, PingIsAnsweredUnlessTheOperatorSaysNo) {
  start();
  auto peer = Peer::to(mine);
  peer.send("\r\n\r\n\r\n\r\n");
  EXPECT_EQ(peer.receive(4), "\r\n\r\n");
  EXPECT_EQ(stats.value("net:keepalives"), 2U);
}

TEST_F(ConnectionsTest, BrokenMessageIsHandedOnAndNothingBehindIt) {
  start();
  auto peer = Peer::to(mine);
  const std::string broken = "OPTIONS sip:a SIP/2.0\r\nContent-Length: x\r\n\r\n";
  peer.send(broken + message(""));
  const auto got = seen.wait_for(1);
  EXPECT_EQ(got[0].bytes, broken);
  send(0, "400", got[0].from);
  EXPECT_EQ(peer.receive(3), "400");
  EXPECT_TRUE(peer.closed());
  EXPECT_EQ(seen.size(), 1U);
  expect_stat("net:tcp_closed_bad_input", 1);
}

TEST_F(ConnectionsTest, GarbageClosesAtOnce) {
  start();
  auto peer = Peer::to(mine);
  peer.send("GET / HTTP/1.1\r\n");
  EXPECT_TRUE(peer.closed());
  EXPECT_EQ(seen.size(), 0U);
}

TEST_F(ConnectionsTest, IdleConnectionIsClosedUnlessItIsKept) {
  start({.lifetime = 50});
  auto idle = Peer::to(mine);
  auto kept = Peer::to(mine);
  kept.send(message(""));
  const auto id = seen.wait_for(1)[0].from.connection;
  on_worker(1, [&] { all[1]->keep(id, 60'000); });
  EXPECT_TRUE(idle.closed());
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  kept.send(message(""));
  seen.wait_for(2);
}

TEST_F(ConnectionsTest, ConnectionIsClosedByItsNameOnItsWorker) {
  start();
  auto peer = Peer::to(mine);
  peer.send(message(""));
  const auto id = seen.wait_for(1)[0].from.connection;
  on_worker(1, [&] { EXPECT_FALSE(all[1]->close(id)); });
  on_worker(0, [&] { EXPECT_TRUE(all[0]->close(id)); });
  EXPECT_TRUE(peer.closed());
  on_worker(0, [&] { EXPECT_FALSE(all[0]->close(id)); });
}

TEST_F(ConnectionsTest, OperatorListsAndClosesThem) {
  start();
  manage::Commands commands;
  add_tcp_commands(commands, *table, sockets);
  auto peer = Peer::to(mine);
  peer.send(message(""));
  seen.wait_for(1);
  const auto listed = commands.call("list_tcp_conns", nullptr);
  ASSERT_TRUE(listed);
  ASSERT_EQ(listed->at("Connections").size(), 1U);
  const auto& row = listed->at("Connections")[0];
  EXPECT_EQ(row.at("Source"), peer.address().to_string());
  EXPECT_EQ(row.at("Destination"), mine.to_string());
  EXPECT_EQ(row.at("State"), "open");
  EXPECT_LE(row.at("Lifetime").get<int>(), 120);
  EXPECT_TRUE(commands.call("tcp:close", manage::Json::array({row.at("ID")})));
  EXPECT_TRUE(peer.closed());
  for (const char* id : {"", "x", "123456789", "ffffffffffffffff", "11112222333344445"}) {
    EXPECT_EQ(commands.call("tcp:close", manage::Json::array({id})).error().code, 404) << id;
  }
}

TEST(BindTcp, AddressThatAnotherListensOnIsRefusedInOneLine) {
  Listener other;
  const auto bound = bind_tcp(other.address(), 1);
  ASSERT_FALSE(bound);
  EXPECT_EQ(bound.error(),
            "cannot bind tcp:" + other.address().to_string() + ": Address already in use");
}

TEST(BindTcp, BindsAsManyAsAskedToOneAddress) {
  const auto all = bind_tcp(*Address::parse("127.0.0.1", 0), 3);
  ASSERT_TRUE(all) << all.error();
  ASSERT_EQ(all->size(), 3U);
  for (const auto& fd : *all) EXPECT_EQ(local_address(fd), local_address(all->front()));
}

TEST_F(ConnectionsTest, AFlowWithoutAnAddressIsItsConnectionOrNothing) {
  start();
  auto peer = Peer::to(mine);
  peer.send(message(""));
  const auto connection = seen.wait_for(1)[0].from.connection;
  send(0, "SIP/2.0 200 OK", to({}, connection));
  EXPECT_EQ(peer.receive(14), "SIP/2.0 200 OK");
  peer.close();
  wait_until_gone();
  send(0, "hello", to({}, connection), loop::ClientId(0, 2, 3));
  EXPECT_EQ(failures.wait_for(1)[0].event.error, ENOTCONN);
}

}  // namespace
}  // namespace opensips::transport::wired
