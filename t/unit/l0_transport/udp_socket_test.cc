#include "l0_transport/udp_socket.hh"

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <future>
#include <thread>

#include "base/guarded.hh"
#include "l0_transport/events.hh"

namespace opensips::transport {
namespace {

using base::Address;
using base::Flow;

FileDescriptor bind_one() {
  auto bound = bind_udp(*Address::parse("127.0.0.1", 0), 1, {});
  EXPECT_TRUE(bound);
  return std::move(bound->front());
}

base::WireRef wire_of(std::string_view text, std::string_view call_id = {}) {
  auto wire = base::Wire::make(text.size());
  std::memcpy(wire->data(), text.data(), text.size());
  wire->resize(text.size());
  if (!call_id.empty()) wire->set_call(call_id);
  return wire;
}

constexpr const char* kNothing = "nothing came";

struct Seen {
  std::string bytes;
  Flow from;
};

/// Keeps what comes up from the network.
class Entrance final : public loop::Layer {
 public:
  loop::Verdict up(loop::Walk& walk) override {
    seen.lock()->push_back({std::string(walk.bytes), walk.flow});
    changed.notify_all();
    return loop::Verdict::done;
  }
  loop::Verdict down(loop::Walk&) override { return loop::Verdict::done; }
  std::vector<Seen> wait_for(std::size_t count) {
    auto all = seen.lock();
    all.wait(changed, [&] { return all->size() >= count; });
    return *all;
  }
  base::Guarded<std::vector<Seen>> seen;
  std::condition_variable changed;
};

/// A worker with one socket, and a peer.
class UdpSocketTest : public ::testing::Test {
 protected:
  UdpSocketTest()
      : worker(0, 1, owners, stats, {100, [](std::string_view) { return std::string_view(); }}) {
    worker.context().path.set(loop::LayerId::transport, entrance);
    auto fd = bind_one();
    mine = local_address(fd);
    descriptor = fd.get();
    socket.emplace(worker, 4, std::move(fd), grouping);
    socket->start();
    peer_address = local_address(peer);
    worker.at_turn_end([this] { socket->flush(); });
    worker.context().bus.subscribe<SendFailed>(
        [this](const SendFailed& failed) { failures.lock()->push_back(failed); });
  }
  ~UdpSocketTest() override { stop(); }

  void run() {
    thread = std::jthread([this] { worker.run(); });
  }
  void stop() {
    worker.stop();
    thread = {};
  }
  template <class F>
  void on_worker(F work) {
    std::promise<void> done;
    auto waiting = done.get_future();
    worker.inbox().post([&, done = std::move(done)]() mutable {
      work();
      done.set_value();
    });
    waiting.wait();
  }
  void send_to_us(std::string_view bytes) {
    EXPECT_EQ(sendto(peer.get(), bytes.data(), bytes.size(), 0, mine.raw(), mine.raw_size()),
              static_cast<ssize_t>(bytes.size()));
  }
  std::string receive_from_us() {
    pollfd entry{peer.get(), POLLIN, 0};
    if (poll(&entry, 1, 20'000) != 1) return kNothing;
    std::string text(70'000, '\0');
    const auto size = recv(peer.get(), text.data(), text.size(), 0);
    text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return text;
  }
  /// So many of one length, each of a call of its own.
  void send_calls(unsigned count, const Flow& to) {
    on_worker([&] {
      for (unsigned i = 0; i < count; ++i) {
        const auto text = std::to_string(1000 + i);
        socket->send(wire_of(text, text), to, {});
      }
    });
  }
  std::vector<std::string> receive_sorted(unsigned count) {
    std::vector<std::string> all;
    while (all.size() < count && (all.empty() || all.back() != kNothing)) {
      all.push_back(receive_from_us());
    }
    all.resize(count);
    std::ranges::sort(all);
    return all;
  }
  void wait_until(base::Stats& in, std::string_view name, std::uint64_t value) {
    for (int i = 0; i < 2000 && in.value(name) < value; ++i) usleep(10'000);
    EXPECT_EQ(in.value(name), value);
  }
  Flow to_peer() const { return {peer_address, 4, base::Transport::udp}; }

  loop::Owners owners{1};
  base::Stats stats;
  Entrance entrance;
  loop::Worker worker;
  FileDescriptor peer = bind_one();
  Address mine, peer_address;
  int descriptor = -1;
  UdpGrouping grouping{UdpGrouping::Mode::always};
  std::optional<UdpSocket> socket;
  base::Guarded<std::vector<SendFailed>> failures;
  std::jthread thread;
};

TEST_F(UdpSocketTest, DatagramEntersThePathWithTheFlowItCameBy) {
  run();
  send_to_us("hello");
  const auto seen = entrance.wait_for(1);
  EXPECT_EQ(seen[0].bytes, "hello");
  EXPECT_EQ(seen[0].from.peer, peer_address);
  EXPECT_EQ(seen[0].from.socket, 4);
  EXPECT_EQ(seen[0].from.transport, base::Transport::udp);
}

TEST_F(UdpSocketTest, ManyThatWaitAreAllReadInOrder) {
  for (int i = 0; i < 200; ++i) send_to_us(std::to_string(i));
  run();
  const auto seen = entrance.wait_for(200);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(seen[i].bytes, std::to_string(i));
}

TEST_F(UdpSocketTest, LargestAndEmptyDatagramsAreReadWhole) {
  run();
  const std::string large(65'507, 'x');
  send_to_us(large);
  send_to_us("");
  send_to_us("after");
  const auto seen = entrance.wait_for(3);
  EXPECT_EQ(seen[0].bytes, large);
  EXPECT_EQ(seen[1].bytes, "");
  EXPECT_EQ(seen[2].bytes, "after");
}

TEST_F(UdpSocketTest, WhatIsQueuedInATurnGoesOutAtItsEndInOrder) {
  run();
  on_worker([&] {
    for (int i = 0; i < 100; ++i) socket->send(wire_of(std::to_string(i)), to_peer(), {});
    char byte;
    EXPECT_EQ(recv(peer.get(), &byte, 1, MSG_DONTWAIT | MSG_PEEK), -1);
  });
  for (int i = 0; i < 100; ++i) EXPECT_EQ(receive_from_us(), std::to_string(i));
}

TEST_F(UdpSocketTest, WhatIsForAPeerGoesInOnePieceAndComesApart) {
  run();
  send_calls(100, to_peer());
  const auto got = receive_sorted(100);
  for (unsigned i = 0; i < 100; ++i) EXPECT_EQ(got[i], std::to_string(1000 + i));
  on_worker([] {});
  EXPECT_EQ(stats.value("net:udp_grouped"), 100U);
}

TEST_F(UdpSocketTest, ShorterOneBehindItsLikeComesWhole) {
  run();
  on_worker([&] {
    socket->send(wire_of("12", "a"), to_peer(), {});
    socket->send(wire_of("12345", "b"), to_peer(), {});
  });
  EXPECT_EQ(receive_from_us(), "12345");
  EXPECT_EQ(receive_from_us(), "12");
  on_worker([] {});
  EXPECT_EQ(stats.value("net:udp_grouped"), 2U);
}

TEST_F(UdpSocketTest, WhereItIsNotAllowedNothingGoesInOnePiece) {
  grouping = UdpGrouping(UdpGrouping::Mode::never);
  run();
  send_calls(100, to_peer());
  EXPECT_EQ(receive_sorted(100).back(), "1099");
  on_worker([] {});
  EXPECT_EQ(stats.value("net:udp_grouped"), 0U);
}

TEST_F(UdpSocketTest, PieceThatTheKernelRefusesGoesOneByOne) {
  const int on = 1;  // a socket without checksums has no pieces cut
  ASSERT_EQ(setsockopt(descriptor, SOL_SOCKET, SO_NO_CHECK, &on, sizeof on), 0);
  run();
  send_calls(200, to_peer());
  const auto got = receive_sorted(200);
  for (unsigned i = 0; i < 200; ++i) EXPECT_EQ(got[i], std::to_string(1000 + i));
  stop();
  EXPECT_EQ(stats.value("net:udp_grouped"), 0U);
  EXPECT_EQ(stats.value("net:udp_send_errors"), 0U);
}

/// A piece that nobody is there to get is answered by one ICMP message, of its first datagram.
TEST_F(UdpSocketTest, WhatIsSentAgainToNobodyIsToldOfEachByItself) {
  Flow nobody = to_peer();
  nobody.peer = local_address(bind_one());
  run();
  send_calls(3, nobody);
  wait_until(stats, "net:udp_icmp_errors", 1);
  send_calls(3, nobody);
  wait_until(stats, "net:udp_icmp_errors", 4);
  EXPECT_EQ(stats.value("net:udp_grouped"), 3U);
}

TEST_F(UdpSocketTest, RefusedDatagramIsToldToItsClientAndTheOthersGo) {
  run();
  const loop::ClientId client(0, 3, 9);
  on_worker([&] {
    socket->send(wire_of("before"), to_peer(), {});
    socket->send(wire_of(std::string(66'000, 'x')), to_peer(),
                 client);  // longer than UDP can carry
    socket->send(wire_of("after"), to_peer(), {});
  });
  EXPECT_EQ(receive_from_us(), "before");
  EXPECT_EQ(receive_from_us(), "after");
  on_worker([] {});
  stop();
  const auto told = *failures.lock();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].client, client);
  EXPECT_EQ(told[0].to.peer, peer_address);
  EXPECT_EQ(told[0].error, EMSGSIZE);
  EXPECT_EQ(stats.value("net:udp_send_errors"), 1U);
}

/// The kernel puts its refusal into the queue of ICMP errors as well: it is none.
TEST_F(UdpSocketTest, DatagramThatFitsIntoUdpButNotIntoIpIsRefusedOnce) {
  run();
  on_worker([&] {
    socket->send(wire_of(std::string(65'520, 'x')), to_peer(), loop::ClientId(0, 3, 9));
    socket->send(wire_of("after"), to_peer(), {});
  });
  EXPECT_EQ(receive_from_us(), "after");
  on_worker([] {});
  stop();
  EXPECT_EQ(failures.lock()->size(), 1U);
  EXPECT_EQ(stats.value("net:udp_send_errors"), 1U);
}

TEST_F(UdpSocketTest, RefusedDatagramThatNobodyWaitsForIsOnlyCounted) {
  run();
  on_worker([&] { socket->send(wire_of(std::string(66'000, 'x')), to_peer(), {}); });
  on_worker([] {});
  stop();
  EXPECT_TRUE(failures.lock()->empty());
  EXPECT_EQ(stats.value("net:udp_send_errors"), 1U);
}

TEST_F(UdpSocketTest, QueueThatIsFullDropsAndCounts) {
  for (int i = 0; i < 8192 + 3; ++i) socket->send(wire_of("x"), to_peer(), {});
  EXPECT_EQ(stats.value("net:udp_send_dropped"), 3U);
}

}  // namespace
}  // namespace opensips::transport
