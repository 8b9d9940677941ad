#include "loop/timer_wheel.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace opensips::loop {
namespace {

constexpr std::uint64_t kDayMs = 24ULL * 3600 * 1000;

/// A timer that does what a test tells it to.
struct Alarm {
  explicit Alarm(std::function<void()> what) : action(std::move(what)) {}
  void fire() { action(); }
  std::function<void()> action;
  Timer timer = Timer::calling<&Alarm::fire>(this);
};

TEST(TimerWheel, FiresOnceWhenTheDelayHasPassed) {
  int fired = 0;
  TimerWheel wheel(1000);
  Alarm alarm([&] { ++fired; });
  wheel.arm(alarm.timer, 500);
  EXPECT_TRUE(alarm.timer.armed());
  EXPECT_EQ(wheel.advance(1490), 0U);
  EXPECT_EQ(wheel.advance(1500), 1U);
  EXPECT_FALSE(alarm.timer.armed());
  EXPECT_EQ(wheel.advance(1'000'000), 0U);
  EXPECT_EQ(fired, 1);
}

TEST(TimerWheel, NeverFiresEarlyAndAtMostATickLate) {
  for (std::uint64_t start = 0; start < 20; ++start) {
    for (std::uint64_t delay = 0; delay < 2000; delay += 7) {
      TimerWheel wheel(start);
      std::uint64_t fired_at = 0;
      Alarm alarm([&] { fired_at = wheel.now_ms(); });
      wheel.arm(alarm.timer, delay);
      for (std::uint64_t now = start; fired_at == 0 && now < start + 4000; ++now) {
        wheel.advance(now);
      }
      ASSERT_GE(fired_at, start + delay);
      ASSERT_LE(fired_at, start + delay + TimerWheel::kTickMs);
    }
  }
}

TEST(TimerWheel, DoesNotFireWhatIsCancelled) {
  TimerWheel wheel(0);
  Alarm alarm([] { FAIL(); });
  wheel.arm(alarm.timer, 100);
  alarm.timer.cancel();
  EXPECT_FALSE(alarm.timer.armed());
  alarm.timer.cancel();
  EXPECT_EQ(wheel.advance(10'000), 0U);
}

TEST(TimerWheel, DoesNotFireWhatIsDestroyed) {
  TimerWheel wheel(0);
  auto alarm = std::make_unique<Alarm>([] { FAIL(); });
  wheel.arm(alarm->timer, 100);
  alarm.reset();
  EXPECT_EQ(wheel.advance(10'000), 0U);
}

TEST(TimerWheel, LetsTimersOutliveIt) {
  Alarm alarm([] { FAIL(); });
  {
    TimerWheel wheel(0);
    wheel.arm(alarm.timer, 100);
  }
  EXPECT_FALSE(alarm.timer.armed());
}

TEST(TimerWheel, MovesATimerThatIsArmedAgain) {
  int fired = 0;
  TimerWheel wheel(0);
  Alarm alarm([&] { ++fired; });
  wheel.arm(alarm.timer, 100);
  wheel.arm(alarm.timer, 50'000);
  wheel.advance(49'999);
  EXPECT_EQ(fired, 0);
  wheel.arm(alarm.timer, 10);
  wheel.advance(50'020);
  EXPECT_EQ(fired, 1);
}

TEST(TimerWheel, FiresInTheOrderOfTicksThenOfArming) {
  std::string order;
  TimerWheel wheel(0);
  Alarm a([&] { order += 'a'; }), b([&] { order += 'b'; }), c([&] { order += 'c'; });
  Alarm d([&] { order += 'd'; }), e([&] { order += 'e'; });
  wheel.arm(e.timer, 300'010);
  wheel.arm(b.timer, 300'000);  // two levels up
  wheel.advance(290'000);
  wheel.arm(c.timer, 10'000);  // the same tick, one level up
  wheel.advance(299'700);
  wheel.arm(d.timer, 300);  // the same tick, at the bottom
  wheel.arm(a.timer, 290);
  wheel.advance(400'000);
  EXPECT_EQ(order, "abcde");
}

TEST(TimerWheel, FiresAZeroDelayAtTheNextTickOnly) {
  int fired = 0;
  TimerWheel wheel(100);
  Alarm alarm([&] {
    ++fired;
    wheel.arm(alarm.timer, 0);
  });
  wheel.arm(alarm.timer, 0);
  EXPECT_EQ(wheel.advance(100), 0U);
  EXPECT_EQ(wheel.advance(110), 1U);
  // A callback that always asks for the next tick must not keep a late advance() busy.
  EXPECT_EQ(wheel.advance(100'000), 1U);
  EXPECT_EQ(fired, 2);
}

TEST(TimerWheel, CountsFromNowInACallbackThatIsLate) {
  TimerWheel wheel(0);
  int fired = 0;
  Alarm second([&] { ++fired; });
  Alarm first([&] { wheel.arm(second.timer, 500); });
  wheel.arm(first.timer, 100);
  wheel.advance(60'000);
  wheel.advance(60'490);
  EXPECT_EQ(fired, 0);
  wheel.advance(60'500);
  EXPECT_EQ(fired, 1);
}

TEST(TimerWheel, LetsACallbackCancelAndDestroyOthersOfTheSameTick) {
  TimerWheel wheel(0);
  std::string order;
  Alarm cancelled([] { FAIL(); });
  auto destroyed = std::make_unique<Alarm>([] { FAIL(); });
  Alarm moved([&] { order += 'm'; });
  Alarm first([&] {
    order += 'f';
    cancelled.timer.cancel();
    destroyed.reset();
    wheel.arm(moved.timer, 20);
  });
  Alarm last([&] { order += 'l'; });
  wheel.arm(first.timer, 100);
  wheel.arm(cancelled.timer, 100);
  wheel.arm(destroyed->timer, 100);
  wheel.arm(moved.timer, 100);
  wheel.arm(last.timer, 100);
  EXPECT_EQ(wheel.advance(100), 2U);
  EXPECT_EQ(order, "fl");
  EXPECT_EQ(wheel.advance(120), 1U);
  EXPECT_EQ(order, "flm");
}

TEST(TimerWheel, LetsACallbackDestroyItsOwnTimer) {
  TimerWheel wheel(0);
  std::unique_ptr<Alarm> alarm;
  alarm = std::make_unique<Alarm>([&] {
    // The callable lives in what is destroyed: it must not be touched after.
    auto dying = std::move(alarm);
  });
  wheel.arm(alarm->timer, 100);
  EXPECT_EQ(wheel.advance(100), 1U);
  EXPECT_EQ(alarm, nullptr);
}

TEST(TimerWheel, HoldsDeadlinesOfMonthsYearsAndNever) {
  TimerWheel wheel(12'345);
  int fired = 0;
  Alarm months([&] { ++fired; }), years([&] { ++fired; }), never([] { FAIL(); });
  wheel.arm(months.timer, 130 * kDayMs);
  wheel.arm(years.timer, 36'500 * kDayMs);
  wheel.arm(never.timer, UINT64_MAX);
  wheel.advance(12'345 + 130 * kDayMs - 1);
  EXPECT_EQ(fired, 0);
  wheel.advance(12'345 + 130 * kDayMs + 9);
  EXPECT_EQ(fired, 1);
  wheel.advance(12'345 + 36'500 * kDayMs - 1);
  EXPECT_EQ(fired, 1);
  wheel.advance(12'345 + 36'500 * kDayMs + 9);
  EXPECT_EQ(fired, 2);
  wheel.advance(12'345 + 365'000 * kDayMs);
  EXPECT_TRUE(never.timer.armed());
}

TEST(TimerWheel, SaysWhenSomethingMayBeDue) {
  TimerWheel wheel(5000);
  EXPECT_EQ(wheel.next_due(), std::nullopt);
  Alarm near([] {}), far([] {});
  wheel.arm(far.timer, 32'000);
  ASSERT_TRUE(wheel.next_due());
  EXPECT_GT(*wheel.next_due(), 5000U + 30'000);
  EXPECT_LE(*wheel.next_due(), 5000U + 32'000);
  wheel.arm(near.timer, 501);
  EXPECT_EQ(wheel.next_due(), 5510U);
  near.timer.cancel();
  EXPECT_GT(*wheel.next_due(), 5000U + 30'000);
  far.timer.cancel();
  EXPECT_EQ(wheel.next_due(), std::nullopt);
}

TEST(TimerWheel, WakesASleeperAtMostOncePerLevel) {
  TimerWheel wheel(777);
  int fired = 0, wakes = 0;
  Alarm alarm([&] { ++fired; });
  wheel.arm(alarm.timer, 300 * kDayMs);
  while (const auto due = wheel.next_due()) {
    wheel.advance(*due);
    ++wakes;
  }
  EXPECT_EQ(fired, 1);
  EXPECT_LE(wakes, 7);
}

TEST(TimerWheel, FiresAMillionTimersInOrder) {
  constexpr std::size_t kCount = 1'000'000;
  struct Counter {
    TimerWheel wheel{0};
    std::uint64_t last = 0;
    std::size_t fired = 0;
  } counter;
  struct Node {
    explicit Node(Counter& c, std::uint64_t d) : all(c), deadline(d) {}
    void fire() {
      ++all.fired;
      EXPECT_LE(deadline, all.wheel.now_ms());
      EXPECT_LE(all.last, deadline);
      all.last = deadline;
    }
    Counter& all;
    std::uint64_t deadline;
    Timer timer = Timer::calling<&Node::fire>(this);
  };
  std::mt19937_64 random(42);
  std::deque<Node> nodes;
  for (std::size_t i = 0; i < kCount; ++i) {
    const std::uint64_t deadline = (1 + random() % 360'000) * TimerWheel::kTickMs;
    counter.wheel.arm(nodes.emplace_back(counter, deadline).timer, deadline);
  }
  for (std::uint64_t now = 0; now <= 3'630'000; now += 30'000) counter.wheel.advance(now);
  EXPECT_EQ(counter.fired, kCount);
  EXPECT_EQ(counter.wheel.next_due(), std::nullopt);
}

/// The wheel and an obvious model of it side by side: a set ordered by tick, then by arming.
class Comparison {
 public:
  explicit Comparison(std::uint64_t start) : wheel_(start) {
    for (std::size_t i = 0; i < kTimers; ++i) timers_.push_back(std::make_unique<Node>(*this, i));
  }

  void step() {
    const unsigned dice = random_() % 100;
    const std::size_t index = random_() % kTimers;
    if (dice < 55) {
      arm(index, random_delay());
    } else if (dice < 70) {
      cancel(index);
    } else if (dice < 75) {
      cancel(index);
      timers_[index] = std::make_unique<Node>(*this, index);
    } else {
      advance(wheel_.now_ms() + random_jump());
    }
    if (dice % 8 == 0) check_bound();
  }

  void finish() {
    while (const auto due = wheel_.next_due()) advance(*due);
    EXPECT_TRUE(model_.empty());
  }

  std::size_t fired() const { return fired_; }

 private:
  static constexpr std::size_t kTimers = 2000;
  using Entry = std::tuple<std::uint64_t, std::uint64_t, std::size_t>;  // tick, turn, index

  struct Node {
    Node(Comparison& c, std::size_t i) : comparison(c), index(i) {}
    void fire() { comparison.on_fire(index); }
    Comparison& comparison;
    std::size_t index;
    Entry entry{};
    Timer timer = Timer::calling<&Node::fire>(this);
  };

  void arm(std::size_t index, std::uint64_t delay) {
    Node& node = *timers_[index];
    ASSERT_EQ(node.timer.armed(), model_.erase(node.entry) == 1);
    wheel_.arm(node.timer, delay);
    const std::uint64_t tick =
        std::max((wheel_.now_ms() + delay + 9) / 10, wheel_.now_ms() / 10 + 1);
    node.entry = {tick, ++turn_, index};
    model_.insert(node.entry);
  }

  void cancel(std::size_t index) {
    Node& node = *timers_[index];
    ASSERT_EQ(node.timer.armed(), model_.erase(node.entry) == 1);
    node.timer.cancel();
    ASSERT_FALSE(node.timer.armed());
  }

  void on_fire(std::size_t index) {
    ++fired_;
    ASSERT_FALSE(model_.empty());
    ASSERT_EQ(*model_.begin(), timers_[index]->entry);
    ASSERT_LE(std::get<0>(*model_.begin()) * 10, wheel_.now_ms());
    model_.erase(model_.begin());
    // Sometimes a callback meddles.
    if (random_() % 4 == 0) arm(random_() % kTimers, random_delay());
    if (random_() % 8 == 0) cancel(random_() % kTimers);
    if (random_() % 8 == 0 && !model_.empty()) cancel(std::get<2>(*model_.begin()));
  }

  void advance(std::uint64_t now) {
    wheel_.advance(now);
    ASSERT_TRUE(model_.empty() || std::get<0>(*model_.begin()) > now / 10);
  }

  void check_bound() {
    const auto due = wheel_.next_due();
    ASSERT_EQ(due.has_value(), !model_.empty());
    if (!due) return;
    ASSERT_GT(*due, wheel_.now_ms());
    ASSERT_LE(*due, std::get<0>(*model_.begin()) * 10);
  }

  std::uint64_t random_delay() {
    switch (random_() % 8) {
      case 0: return random_() % 50;
      case 1:
      case 2: return random_() % 1'000;
      case 3:
      case 4: return random_() % 40'000;
      case 5: return random_() % 4'000'000;
      case 6: return random_() % (10 * kDayMs);
      default: return random_() % (2000 * kDayMs);
    }
  }

  std::uint64_t random_jump() {
    switch (random_() % 64) {
      case 0: return random_() % 10'000'000;
      case 1: return random_() % 4 == 0 ? random_() % (200 * kDayMs) : 0;
      case 2:
      case 3: return random_() % 50'000;
      default: return random_() % 200;
    }
  }

  TimerWheel wheel_;
  std::vector<std::unique_ptr<Node>> timers_;
  std::set<Entry> model_;
  std::uint64_t turn_ = 0;
  std::size_t fired_ = 0;
  std::mt19937_64 random_{20261};
};

TEST(TimerWheel, DoesWhatAnObviousModelDoes) {
  Comparison comparison(987'654'321);
  for (int i = 0; i < 200'000 && !testing::Test::HasFatalFailure(); ++i) comparison.step();
  comparison.finish();
  EXPECT_GT(comparison.fired(), 20'000U);
}

}  // namespace
}  // namespace opensips::loop
