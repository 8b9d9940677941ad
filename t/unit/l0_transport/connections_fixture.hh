#pragma once

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
#include "l0_transport/connections.hh"

/// Workers with connections, and peers of theirs.
namespace opensips::transport::wired {

using base::Address;
using base::Flow;
using base::Transport;

inline base::WireRef wire_of(std::string_view text) {
  auto wire = base::Wire::make(text.size());
  std::memcpy(wire->data(), text.data(), text.size());
  wire->resize(text.size());
  return wire;
}

inline std::string message(std::string_view body) {
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
  /// It sends no more, and still reads.
  void shut_down() { ::shutdown(fd_.get(), SHUT_WR); }
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
      worker.context().bus.subscribe<ConnectionClosed>([this, i](const ConnectionClosed& event) {
        closed.put({i, event});
      });
      worker.context().bus.subscribe<Rerouted>(
          [this](const Rerouted& event) { rerouted.put(event.client); });
    }
    all[0]->add_listener(0, std::move(bound->front()));
    all[0]->listen(0);
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
    return {peer, 0, Transport::tcp, false, connection};
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
  struct Closed {
    unsigned worker;
    ConnectionClosed event;
  };
  loop::Owners owners{2};
  base::Stats stats;
  Sockets sockets;
  std::optional<ConnectionTable> table;
  Mailbox<Seen> seen;
  Mailbox<Failed> failures;
  Mailbox<Closed> closed;
  Mailbox<loop::ClientId> rerouted;
  Entrance entrance{seen};
  Address mine;
  std::vector<std::unique_ptr<loop::Worker>> workers;
  std::vector<std::unique_ptr<Connections>> all;
  std::vector<std::jthread> threads;
};

}  // namespace opensips::transport::wired
