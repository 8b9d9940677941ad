#include "loop/worker.hh"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <string>
#include <thread>

#include "base/clock.hh"

namespace opensips::loop {
namespace {

/// Keeps what enters a worker's path, and lets others wait for it.
class Entrance final : public Layer {
 public:
  struct Seen {
    std::string bytes;
    std::thread::id thread;
    base::Flow from;
  };
  Verdict up(Walk& walk) override {
    seen.lock()->push_back({std::string(walk.bytes), std::this_thread::get_id(), walk.flow});
    changed.notify_all();
    return Verdict::done;
  }
  Verdict down(Walk&) override { return Verdict::done; }

  std::vector<Seen> wait_for(std::size_t count) {
    auto all = seen.lock();
    all.wait(changed, [&] { return all->size() >= count; });
    return *all;
  }

  base::Guarded<std::vector<Seen>> seen;
  std::condition_variable changed;
};

/// Workers whose messages are their own Call-ID.
class WorkerTest : public ::testing::Test {
 protected:
  explicit WorkerTest(unsigned count = 2, std::size_t inbox_limit = 100,
                      std::uint64_t gather_ns = 0)
      : owners(count) {
    for (unsigned i = 0; i < count; ++i) {
      workers.push_back(std::make_unique<Worker>(
          i, 1, owners, stats,
          Worker::Options{inbox_limit, [](std::string_view bytes) { return bytes; }, gather_ns}));
      entrances.push_back(std::make_unique<Entrance>());
      workers[i]->context().path.set(LayerId::transport, *entrances[i]);
    }
    for (const auto& worker : workers) worker->meet(workers);
  }
  ~WorkerTest() override { stop(); }

  // A test whose workers use its local variables ends with stop().
  void run() {
    for (const auto& worker : workers) threads.emplace_back([&worker] { worker->run(); });
  }
  void stop() {
    for (const auto& worker : workers) worker->stop();
    threads.clear();  // joins
  }
  /// Runs `work` on a worker's thread and waits for it.
  template <class F>
  void on(unsigned worker, F work) {
    std::promise<void> done;
    auto waiting = done.get_future();
    workers[worker]->inbox().post([&, done = std::move(done)]() mutable {
      work(*workers[worker]);
      done.set_value();
    });
    waiting.wait();
  }
  /// A Call-ID that this worker owns.
  std::string call_of(unsigned worker) const {
    for (int i = 0;; ++i) {
      const auto call = "call-" + std::to_string(i);
      if (owners.owner_of(call) == worker) return call;
    }
  }

  Owners owners;
  base::Stats stats;
  std::vector<std::unique_ptr<Entrance>> entrances;
  std::vector<std::unique_ptr<Worker>> workers;
  std::vector<std::jthread> threads;
};

class GatheringWorkerTest : public WorkerTest {
 protected:
  GatheringWorkerTest() : WorkerTest(1, 2000, 20'000'000) {}
};

TEST_F(GatheringWorkerTest, MessagesInQuickSuccessionShareATurn) {
  constexpr std::size_t kMessages = 1000;
  std::size_t turns_with_messages = 0;  // the worker's until it has stopped
  std::size_t seen = 0;
  workers[0]->at_turn_end([&] {
    const auto all = entrances[0]->seen.lock()->size();
    if (all > std::exchange(seen, all)) ++turns_with_messages;
  });
  run();
  for (std::size_t i = 0; i < kMessages; ++i) {
    workers[0]->inbox().post([&] { workers[0]->receive(call_of(0), {}); });
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  on(0, [](Worker&) {});  // all are through
  stop();
  EXPECT_EQ(seen, kMessages);
  EXPECT_LT(turns_with_messages, kMessages * 3 / 4);
}

TEST_F(WorkerTest, MessagesThatArriveTogetherKeepTheirOrderAndHopAlone) {
  run();
  const std::string calls[] = {call_of(0), call_of(1)};
  std::vector<Worker::Arrival> arrivals;
  for (unsigned i = 0; i < 20; ++i) {
    arrivals.push_back({calls[i % 3 == 2], {}});
    arrivals.back().from.socket = static_cast<std::uint16_t>(i);
  }
  on(0, [&](Worker& worker) { worker.receive(arrivals); });
  for (unsigned owner : {0, 1}) {
    std::vector<unsigned> expected;
    for (unsigned i = 0; i < 20; ++i) {
      if ((i % 3 == 2) == (owner == 1)) expected.push_back(i);
    }
    std::vector<unsigned> order;
    for (const auto& seen : entrances[owner]->wait_for(expected.size())) {
      EXPECT_EQ(seen.bytes, calls[owner]);
      order.push_back(seen.from.socket);
    }
    EXPECT_EQ(order, expected);
  }
}

TEST_F(WorkerTest, MessageForAnotherHopsOnceAndArrivesThere) {
  run();
  const auto call = call_of(1);
  base::Flow from;
  from.peer = *base::Address::parse("192.0.2.1", 5070);
  from.socket = 3;
  on(0, [&](Worker& worker) { worker.receive(call, from); });
  const auto seen = entrances[1]->wait_for(1);
  EXPECT_EQ(seen[0].bytes, call);
  EXPECT_EQ(seen[0].thread, threads[1].get_id());
  EXPECT_EQ(seen[0].from.peer, from.peer);
  EXPECT_EQ(seen[0].from.socket, 3);
  EXPECT_EQ(stats.value("core:hops"), 1U);
  EXPECT_TRUE(entrances[0]->seen.lock()->empty());
}

TEST_F(WorkerTest, MessageOfItsOwnStays) {
  run();
  on(0, [&](Worker& worker) { worker.receive(call_of(0), {}); });
  EXPECT_EQ(entrances[0]->wait_for(1)[0].thread, threads[0].get_id());
  EXPECT_EQ(stats.value("core:hops"), 0U);
}

TEST_F(WorkerTest, MessageWithoutACallIdStaysWhereItWasRead) {
  run();
  on(1, [&](Worker& worker) { worker.receive("", {}); });
  EXPECT_EQ(entrances[1]->wait_for(1)[0].bytes, "");
}

TEST_F(WorkerTest, MessagesOfOneCallArriveInOrderHoweverTheyHop) {
  run();
  const auto call = call_of(1);
  on(0, [&](Worker& worker) {
    for (int i = 0; i < 50; ++i) {
      base::Flow from;
      from.socket = static_cast<std::uint16_t>(i);
      worker.receive(call, from);
    }
  });
  const auto seen = entrances[1]->wait_for(50);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(seen[i].from.socket, i);
}

TEST_F(WorkerTest, FloodsBothWaysArriveWhole) {
  run();
  for (const unsigned from : {0U, 1U}) {
    workers[from]->inbox().post([&, from] {
      for (int i = 0; i < 60; ++i) workers[from]->receive(call_of(1 - from), {});
    });
  }
  for (const auto& entrance : entrances) EXPECT_EQ(entrance->wait_for(60).size(), 60U);
  EXPECT_EQ(stats.value("core:hops"), 120U);
}

class FullInboxTest : public WorkerTest {
 protected:
  FullInboxTest() : WorkerTest(2, 1) {}
};

TEST_F(FullInboxTest, MessageForAFullInboxIsRefusedAndCounted) {
  std::promise<void> begun, go_on;
  run();
  workers[1]->inbox().post([&] {  // busy, and its inbox full
    begun.set_value();
    go_on.get_future().wait();
  });
  begun.get_future().wait();
  on(0, [&](Worker& worker) { worker.receive(call_of(1), {}); });
  EXPECT_EQ(stats.value("core:inbox_refused"), 1U);
  go_on.set_value();
  stop();
  EXPECT_TRUE(entrances[1]->seen.lock()->empty());
}

TEST_F(WorkerTest, StopsFromAnotherThread) {
  run();
  stop();
  EXPECT_TRUE(threads.empty());
}

TEST_F(WorkerTest, StopBeforeRunEndsAtOnce) {
  for (const auto& worker : workers) worker->stop();
  run();
  threads.clear();
}

TEST_F(WorkerTest, WhatNobodyTookIsFreedWithTheWorker) {
  // Not running: what hops waits for ever.
  workers[0]->receive(call_of(1), {});
  workers[1]->inbox().post([] { FAIL() << "nobody runs it"; });
  workers.clear();
}

TEST_F(WorkerTest, TimersFireInARunningWorker) {
  std::promise<std::thread::id> fired;
  struct Owner {
    std::promise<std::thread::id>& promise;
    void fire() { promise.set_value(std::this_thread::get_id()); }
  } owner{fired};
  Timer timer = Timer::calling<&Owner::fire>(&owner);
  run();
  on(0, [&](Worker& worker) { worker.context().timers.arm(timer, 20); });
  EXPECT_EQ(fired.get_future().get(), threads[0].get_id());
  stop();
}

TEST_F(WorkerTest, TimerArmedBeforeRunFires) {
  std::promise<void> fired;
  Timer timer([](void* promise) { static_cast<std::promise<void>*>(promise)->set_value(); },
              &fired);
  workers[0]->context().timers.arm(timer, 10);
  run();
  fired.get_future().wait();
  stop();
}

TEST_F(WorkerTest, EarlierTimerIsNotHeldUpByALaterOneArmedFirst) {
  std::promise<void> fired;
  Timer late([](void*) { FAIL() << "an hour has passed"; }, nullptr);
  Timer soon([](void* promise) { static_cast<std::promise<void>*>(promise)->set_value(); }, &fired);
  run();
  on(0, [&](Worker& worker) { worker.context().timers.arm(late, 3'600'000); });
  on(0, [&](Worker& worker) { worker.context().timers.arm(soon, 10); });
  fired.get_future().wait();
  on(0, [&](Worker&) { late.cancel(); });
  stop();
}

TEST_F(WorkerTest, TimersInTurnFireEachAfterTheOther) {
  struct Chain {
    Worker& worker;
    std::promise<void> done;
    int left = 5;
    Timer timer = Timer::calling<&Chain::fire>(this);
    void fire() {
      if (--left == 0) return done.set_value();
      worker.context().timers.arm(timer, 1);
    }
  } chain{*workers[0], {}};
  run();
  on(0, [&](Worker& worker) { worker.context().timers.arm(chain.timer, 1); });
  chain.done.get_future().wait();
  stop();
}

TEST_F(WorkerTest, ClockOfATurnStandsStillAndGoesOnWithTheNext) {
  run();
  std::uint64_t first = 0;
  on(0, [&](Worker& worker) {
    first = worker.context().now();
    EXPECT_GT(first, 0U);
    EXPECT_LE(first, base::monotonic_ms());
    EXPECT_EQ(worker.context().now(), first);
  });
  on(0, [&](Worker& worker) { EXPECT_GE(worker.context().now(), first); });
}

TEST_F(WorkerTest, DeferredWorkRunsAtTheEndOfTheTurnBeforeTheLayersLastWord) {
  std::promise<std::string> said;
  std::string order;
  workers[0]->at_turn_end([&] {
    if (order.empty()) return;
    order += "end";
    said.set_value(std::exchange(order, {}));
  });
  run();
  workers[0]->inbox().post([&] {
    workers[0]->context().defer([&] {
      order += "first ";
      workers[0]->context().defer([&] { order += "second "; });
    });
    order += "now ";
  });
  EXPECT_EQ(said.get_future().get(), "now first second end");
  stop();
}

TEST_F(WorkerTest, WhatTheEndOfATurnDefersIsNotLeftUntilTheNextMessage) {
  std::promise<void> ran;
  bool once = false;
  std::atomic<bool> asked = false;
  workers[0]->at_turn_end([&] {
    if (!asked || std::exchange(once, true)) return;
    workers[0]->context().defer([&] { ran.set_value(); });
  });
  run();
  workers[0]->inbox().post([&] { asked = true; });
  ran.get_future().wait();
  stop();
}

TEST_F(WorkerTest, CallsWhoeverWaitsForADescriptor) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
  std::promise<std::string> got;
  workers[0]->on_readable(ends[0], [&] {
    char text[16];
    const auto size = read(ends[0], text, sizeof text);
    got.set_value(std::string(text, static_cast<std::size_t>(std::max<ssize_t>(size, 0))));
  });
  run();
  ASSERT_EQ(write(ends[1], "ping", 4), 4);
  EXPECT_EQ(got.get_future().get(), "ping");

  std::promise<void> writable;
  on(0, [&](Worker& worker) { worker.once_writable(ends[0], [&] { writable.set_value(); }); });
  writable.get_future().wait();  // a second call would throw
  on(0, [](Worker&) {});
  stop();
  close(ends[0]);
  close(ends[1]);
}

TEST_F(WorkerTest, OnceWritableMayAskAgain) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
  std::promise<void> done;
  int times = 0;
  std::function<void()> again = [&] {
    if (++times == 3) return done.set_value();
    workers[0]->once_writable(ends[0], again);
  };
  run();
  on(0, [&](Worker& worker) { worker.once_writable(ends[0], again); });
  done.get_future().wait();
  stop();
  EXPECT_EQ(times, 3);
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace opensips::loop
