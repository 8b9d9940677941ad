#include "l0_transport/connections.hh"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <cstring>
#include <future>
#include <optional>
#include <thread>

#include "base/guarded.hh"
#include "l0_transport/tcp_commands.hh"
#include "unit/l0_transport/ws_client.hh"

namespace opensips::transport {
namespace {

using base::Address;
using base::Flow;
using base::Transport;

base::WireRef wire_of(std::string_view text) {
  auto wire = base::Wire::make(text.size());
  std::memcpy(wire->data(), text.data(), text.size());
  wire->resize(text.size());
  return wire;
}

std::string message(std::string_view body) {
  return "OPTIONS sip:a@192.0.2.1 SIP/2.0\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + std::string(body);
}

struct Seen {
  std::string bytes;
  Flow from;
};

/// What the workers saw, for the test's thread to wait for.
template <class T>
class Mailbox {
 public:
  void put(T one) {
    all_.lock()->push_back(std::move(one));
    changed_.notify_all();
  }
  std::vector<T> wait_for(std::size_t count) {
    auto all = all_.lock();
    all.wait(changed_, [&] { return all->size() >= count; });
    return *all;
  }
  std::size_t size() { return all_.lock()->size(); }

 private:
  base::Guarded<std::vector<T>> all_;
  std::condition_variable changed_;
};

/// The peer's end of a connection.
class Peer {
 public:
  explicit Peer(FileDescriptor fd) : fd_(std::move(fd)) {}
  static Peer to(const Address& address) {
    FileDescriptor fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::connect(fd.get(), address.raw(), address.raw_size()), 0);
    return Peer(std::move(fd));
  }
  void send(std::string_view text) {
    EXPECT_EQ(::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  std::string receive(std::size_t size) {
    std::string text(size, '\0');
    std::size_t got = 0;
    while (got < size && can_read()) {
      const auto n = ::recv(fd_.get(), text.data() + got, size - got, 0);
      if (n <= 0) break;
      got += static_cast<std::size_t>(n);
    }
    text.resize(got);
    return text;
  }
  bool closed() { return receive(1).empty(); }
  void close() { fd_ = FileDescriptor(); }
  Address address() const { return local_address(fd_); }

 private:
  bool can_read() {
    pollfd entry{fd_.get(), POLLIN, 0};
    return poll(&entry, 1, 20'000) == 1;
  }
  FileDescriptor fd_;
};

/// A socket that listens and belongs to nobody here.
class Listener {
 public:
  Listener() : fd_(std::move(bind_tcp(*Address::parse("127.0.0.1", 0), 1)->front())) {
    ::listen(fd_.get(), 10);
  }
  Peer accept() {
    pollfd entry{fd_.get(), POLLIN, 0};
    EXPECT_EQ(poll(&entry, 1, 20'000), 1);
    return Peer(FileDescriptor(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC)));
  }
  bool nobody_waits() {
    pollfd entry{fd_.get(), POLLIN, 0};
    return poll(&entry, 1, 100) == 0;
  }
  Address address() const { return local_address(fd_); }

 private:
  FileDescriptor fd_;
};

/// Two workers, each with its connections; the first listens.
class ConnectionsTest : public ::testing::Test {
 protected:
  class Entrance final : public loop::Layer {
   public:
    explicit Entrance(Mailbox<Seen>& to) : to_(to) {}
    loop::Verdict up(loop::Walk& walk) override {
      to_.put({std::string(walk.bytes), walk.flow});
      return loop::Verdict::done;
    }
    loop::Verdict down(loop::Walk&) override { return loop::Verdict::done; }

   private:
    Mailbox<Seen>& to_;
  };

  void start(const TcpOptions& options = {}, Transport transport = Transport::tcp) {
    auto bound = bind_tcp(*Address::parse("127.0.0.1", 0), 1);
    ASSERT_TRUE(bound) << bound.error();
    mine = local_address(bound->front());
    sockets.add(transport, mine, "", 0);
    table.emplace(options.connections, options.per_source);
    for (unsigned i = 0; i < 2; ++i) {
      workers.push_back(std::make_unique<loop::Worker>(
          i, 1, owners, stats,
          loop::Worker::Options{100, [](std::string_view) { return std::string_view(); }}));
      auto& worker = *workers.back();
      worker.context().path.set(loop::LayerId::transport, entrance);
      all.push_back(std::make_unique<Connections>(worker, sockets, *table, options));
      worker.at_turn_end([one = all.back().get()] { one->flush(); });
      worker.context().bus.subscribe<SendFailed>([this, i](const SendFailed& failed) {
        failures.put({i, failed});
      });
    }
    all[0]->listen(0, std::move(bound->front()));
    for (auto& worker : workers) worker->meet(workers);
    for (auto& worker : workers) threads.emplace_back([&worker] { worker->run(); });
  }
  ~ConnectionsTest() override {
    for (auto& worker : workers) worker->stop();
    threads.clear();
    base::RefCounted::inherit_all();
  }

  template <class F>
  void on_worker(unsigned index, F work) {
    std::promise<void> done;
    auto waiting = done.get_future();
    workers[index]->inbox().post([&, done = std::move(done)]() mutable {
      work();
      done.set_value();
    });
    waiting.wait();
  }
  void send(unsigned worker, std::string_view text, const Flow& to, loop::ClientId client = {}) {
    on_worker(worker, [&] { all[worker]->send(wire_of(text), to, client); });
  }
  static Flow to(const Address& peer, base::ConnectionId connection = {}) {
    return {peer, 0, Transport::tcp, connection};
  }
  /// A worker may count a little later than its peer sees.
  void expect_stat(std::string_view name, std::uint64_t value) {
    for (int tries = 0; stats.value(name) != value && tries < 5000; ++tries) usleep(1000);
    EXPECT_EQ(stats.value(name), value) << name;
  }
  void wait_until_gone() {
    while (table->size() > 0) std::this_thread::yield();
  }

  struct Failed {
    unsigned worker;
    SendFailed event;
  };
  loop::Owners owners{2};
  base::Stats stats;
  Sockets sockets;
  std::optional<ConnectionTable> table;
  Mailbox<Seen> seen;
  Mailbox<Failed> failures;
  Entrance entrance{seen};
  Address mine;
  std::vector<std::unique_ptr<loop::Worker>> workers;
  std::vector<std::unique_ptr<Connections>> all;
  std::vector<std::jthread> threads;
};

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

class WebSocketConnectionsTest : public ConnectionsTest {
 protected:
  static constexpr std::string_view kRequest =
      "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
      "Origin: https://a.example\r\nSec-WebSocket-Protocol: sip\r\n\r\n";
  static constexpr std::size_t kAnswer = 163;  // bytes

  Peer client() {
    auto peer = Peer::to(mine);
    peer.send(kRequest);
    const auto answer = peer.receive(kAnswer);
    EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
    return peer;
  }
  static Flow to_client(const Address& peer, base::ConnectionId connection = {}) {
    return {peer, 0, Transport::ws, connection};
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
  options.ws.ping_interval = 50;
  start(options, Transport::ws);
  auto peer = client();
  EXPECT_EQ(peer.receive(2), std::string_view("\x89\0", 2));
  peer.send(ClientFrame{.opcode = 10}.bytes());
  EXPECT_EQ(peer.receive(2), std::string_view("\x89\0", 2));
  EXPECT_TRUE(peer.closed());
  expect_stat("net:ws_closed_unanswered", 1);
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

TEST_F(ConnectionsTest, AFlowWithoutAnAddressIsItsConnectionOrNothing) {
  start();
  auto peer = Peer::to(mine);
  peer.send(message(""));
  const auto connection = seen.wait_for(1)[0].from.connection;
  send(0, "hello", to({}, connection));
  EXPECT_EQ(peer.receive(5), "hello");
  peer.close();
  wait_until_gone();
  send(0, "hello", to({}, connection), loop::ClientId(0, 2, 3));
  EXPECT_EQ(failures.wait_for(1)[0].event.error, ENOTCONN);
}

}  // namespace
}  // namespace opensips::transport
