#include "loop/blocking_pool.hh"

#include <gtest/gtest.h>
#include <poll.h>

#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

namespace opensips::loop {
namespace {

/// Drains until `ready()`, as a worker's loop would.
template <class Ready>
void run_until(Inbox& inbox, Ready ready) {
  while (!ready()) {
    pollfd entry{inbox.wake_fd(), POLLIN, 0};
    ASSERT_EQ(poll(&entry, 1, 20'000), 1);
    inbox.drain(16);
  }
}

/// Keeps the thread that runs `work` busy until it is opened.
struct Gate {
  std::promise<void> begun, opened;
  auto work() {
    return [this] {
      begun.set_value();
      opened.get_future().wait();
    };
  }
};

TEST(BlockingPool, WorksElsewhereAndAnswersHere) {
  Inbox inbox(10);
  BlockingPool pool(2, 10);
  std::thread::id worked, answered;
  int value = 0;
  ASSERT_TRUE(pool.submit(
      inbox,
      [&] {
        worked = std::this_thread::get_id();
        return 42;
      },
      [&](Outcome<int> outcome) {
        answered = std::this_thread::get_id();
        value = outcome.value();
      }));
  run_until(inbox, [&] { return value != 0; });
  EXPECT_EQ(value, 42);
  EXPECT_NE(worked, std::this_thread::get_id());
  EXPECT_EQ(answered, std::this_thread::get_id());
}

TEST(BlockingPool, TakesWorkWithoutAValueAndCallablesThatOnlyMove) {
  Inbox inbox(10);
  BlockingPool pool(1, 10);
  bool done = false;
  ASSERT_TRUE(pool.submit(
      inbox, [owned = std::make_unique<int>(1)] { *owned = 2; },
      [&done, owned = std::make_unique<int>(1)](Outcome<void> outcome) { done = !!outcome; }));
  run_until(inbox, [&] { return done; });
}

TEST(BlockingPool, TurnsAnExceptionIntoAnError) {
  Inbox inbox(10);
  BlockingPool pool(1, 10);
  std::string error, other;
  ASSERT_TRUE(pool.submit(
      inbox, []() -> int { throw std::runtime_error("no such file"); },
      [&](Outcome<int> outcome) { error = outcome ? "" : outcome.error(); }));
  ASSERT_TRUE(pool.submit(
      inbox, [] { throw 1; },
      [&](Outcome<void> outcome) { other = outcome ? "" : outcome.error(); }));
  run_until(inbox, [&] { return !error.empty() && !other.empty(); });
  EXPECT_EQ(error, "no such file");
  EXPECT_EQ(other, "unknown exception");
}

TEST(BlockingPool, RefusesWhenTooManyWait) {
  Inbox inbox(10);
  Gate gate;
  BlockingPool pool(1, 2);
  int done = 0;
  auto count = [&](const Outcome<void>&) { ++done; };
  ASSERT_TRUE(pool.submit(inbox, gate.work(), count));
  gate.begun.get_future().wait();
  EXPECT_TRUE(pool.submit(
      inbox, [] {}, count));
  EXPECT_TRUE(pool.submit(
      inbox, [] {}, count));
  EXPECT_FALSE(pool.submit(
      inbox, [] {}, count));
  EXPECT_EQ(pool.refused(), 1U);
  gate.opened.set_value();
  run_until(inbox, [&] { return done == 3; });
}

TEST(BlockingPool, FinishesWhatWaitsWhenAskedTo) {
  Inbox inbox(10);
  Gate gate;
  BlockingPool pool(1, 10);
  int good = 0;
  auto count = [&](const Outcome<void>& outcome) { good += outcome.has_value(); };
  ASSERT_TRUE(pool.submit(inbox, gate.work(), count));
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(pool.submit(
        inbox, [] {}, count));
  gate.opened.set_value();
  pool.stop(BlockingPool::Rest::finish);
  inbox.drain(100);
  EXPECT_EQ(good, 4);
  EXPECT_FALSE(pool.submit(
      inbox, [] {}, count));
}

TEST(BlockingPool, FailsWhatWaitsWhenItStopsAtOnce) {
  Inbox inbox(10);
  Gate gate;
  BlockingPool pool(1, 10);
  int good = 0, bad = 0;
  auto count = [&](const Outcome<void>& outcome) { ++(outcome ? good : bad); };
  ASSERT_TRUE(pool.submit(inbox, gate.work(), count));
  gate.begun.get_future().wait();
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(pool.submit(
        inbox, [] { FAIL(); }, count));
  std::jthread opener([&] {
    // The three are answered before the one that runs has ended.
    run_until(inbox, [&] { return bad == 3; });
    gate.opened.set_value();
  });
  pool.stop(BlockingPool::Rest::fail);
  opener.join();
  inbox.drain(100);
  EXPECT_EQ(good, 1);
  EXPECT_EQ(bad, 3);
}

TEST(BlockingPool, DestroysBothCallablesOnTheAsker) {
  Inbox inbox(10);
  BlockingPool pool(1, 10);
  std::thread::id destroyed;
  auto witness = std::shared_ptr<int>(new int(0), [&](int* object) {
    destroyed = std::this_thread::get_id();
    delete object;
  });
  bool done = false;
  ASSERT_TRUE(pool.submit(
      inbox, [witness = std::move(witness)] {}, [&](const Outcome<void>&) { done = true; }));
  run_until(inbox, [&] { return done; });
  EXPECT_EQ(destroyed, std::this_thread::get_id());
}

TEST(BlockingPool, ServesManyAskersAtOnce) {
  constexpr int kJobs = 2'000;
  BlockingPool pool(3, 100'000);
  auto ask = [&pool] {
    Inbox inbox(10);
    long sum = 0;
    int done = 0;
    for (int i = 0; i < kJobs; ++i) {
      ASSERT_TRUE(pool.submit(
          inbox, [i] { return i; },
          [&](Outcome<int> outcome) {
            sum += *outcome;
            ++done;
          }));
    }
    run_until(inbox, [&] { return done == kJobs; });
    EXPECT_EQ(sum, static_cast<long>(kJobs) * (kJobs - 1) / 2);
  };
  std::jthread one(ask), two(ask);
}

}  // namespace
}  // namespace opensips::loop
