#include "base/stats.hh"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace opensips::base {
namespace {

std::string names(const std::vector<Stat>& stats) {
  std::string all;
  for (const Stat& stat : stats) all += stat.name + ' ';
  return all;
}

TEST(Stats, SumsTheSharesOfAllThreads) {
  Stats stats;
  const Counter requests = stats.counter("core:rcv_requests");
  StatsBlock& one = stats.new_block();
  StatsBlock& two = stats.new_block();
  one.add(requests);
  one.add(requests, 10);
  two.add(requests, 100);
  EXPECT_EQ(stats.value("core:rcv_requests"), 111U);
}

TEST(Stats, GivesTheSamePlaceToANameRegisteredAgain) {
  Stats stats;
  StatsBlock& block = stats.new_block();
  block.add(stats.counter("core:rcv_requests"));
  block.add(stats.counter("core:rcv_requests"));
  EXPECT_EQ(stats.value("core:rcv_requests"), 2U);
  EXPECT_EQ(stats.read("all").size(), 1U);
}

TEST(Stats, AcceptsNewNamesWhileThreadsCount) {
  Stats stats;
  StatsBlock& block = stats.new_block();
  block.add(stats.counter("script:late"));
  EXPECT_EQ(stats.value("script:late"), 1U);
}

TEST(Stats, LosesWhatIsAddedToACounterThatWasNotRegistered) {
  Stats stats;
  const Counter real = stats.counter("core:rcv_requests");
  stats.new_block().add(Counter());
  (void)real;
  EXPECT_EQ(stats.value("core:rcv_requests"), 0U);
}

TEST(Stats, ReadsAllAGroupOrAName) {
  Stats stats;
  stats.counter("core:rcv_requests");
  stats.gauge("tm:inuse_transactions");
  stats.counter("tm:UAS_transactions");
  EXPECT_EQ(names(stats.read("all")),
            "core:rcv_requests tm:inuse_transactions tm:UAS_transactions ");
  EXPECT_EQ(names(stats.read("tm:")), "tm:inuse_transactions tm:UAS_transactions ");
  EXPECT_EQ(names(stats.read("tm:UAS_transactions")), "tm:UAS_transactions ");
  EXPECT_EQ(names(stats.read("UAS_transactions")), "tm:UAS_transactions ");
  EXPECT_EQ(names(stats.read("t:")), "");
  EXPECT_EQ(names(stats.read("tm")), "");
  EXPECT_EQ(stats.value("tm:"), std::nullopt);
  EXPECT_EQ(stats.value("nothing"), std::nullopt);
}

TEST(Stats, CountsAThingMadeOnOneThreadAndGoneOnAnother) {
  Stats stats;
  const Counter inuse = stats.gauge("tm:inuse_transactions");
  StatsBlock& one = stats.new_block();
  StatsBlock& two = stats.new_block();
  one.add(inuse, 3);
  two.subtract(inuse);
  EXPECT_EQ(stats.value("inuse_transactions"), 2U);
}

TEST(Stats, NeverShowsANegativeGauge) {
  Stats stats;
  const Counter inuse = stats.gauge("tm:inuse_transactions");
  stats.new_block().subtract(inuse);
  EXPECT_EQ(stats.value("inuse_transactions"), 0U);
}

TEST(Stats, AsksAFunctionWhenItIsRead) {
  Stats stats;
  std::uint64_t uptime = 5;
  stats.function("core:timestamp", [&] { return uptime; });
  EXPECT_EQ(stats.value("core:timestamp"), 5U);
  uptime = 6;
  EXPECT_EQ(stats.value("core:timestamp"), 6U);
}

TEST(Stats, LetsAFunctionReadOthers) {
  Stats stats;
  stats.new_block().add(stats.counter("core:rcv_requests"), 4);
  stats.function("core:twice", [&] { return 2 * *stats.value("core:rcv_requests"); });
  EXPECT_EQ(stats.value("core:twice"), 8U);
}

TEST(Stats, ResetsCountersOnly) {
  Stats stats;
  const Counter requests = stats.counter("core:rcv_requests");
  const Counter inuse = stats.gauge("tm:inuse_transactions");
  stats.function("core:timestamp", [] { return 1; });
  StatsBlock& block = stats.new_block();
  block.add(requests, 7);
  block.add(inuse, 7);
  EXPECT_EQ(stats.reset("all"), 1U);
  EXPECT_EQ(stats.value("rcv_requests"), 0U);
  EXPECT_EQ(stats.value("inuse_transactions"), 7U);
  block.add(requests, 2);
  EXPECT_EQ(stats.value("rcv_requests"), 2U);
  EXPECT_EQ(stats.reset("nothing"), 0U);
}

TEST(Stats, IsReadWhileThreadsCount) {
  constexpr unsigned kThreads = 3;
  constexpr unsigned kEach = 50'000;
  Stats stats;
  const Counter requests = stats.counter("core:rcv_requests");
  std::vector<std::jthread> threads;
  for (unsigned i = 0; i < kThreads; ++i) {
    threads.emplace_back([&stats, requests] {
      StatsBlock& mine = stats.new_block();
      for (unsigned n = 0; n < kEach; ++n) mine.add(requests);
    });
  }
  std::uint64_t last = 0;
  for (int i = 0; i < 200; ++i) {
    const std::uint64_t now = *stats.value("core:rcv_requests");
    EXPECT_GE(now, last);
    last = now;
  }
  threads.clear();
  EXPECT_EQ(stats.value("core:rcv_requests"), std::uint64_t{kThreads} * kEach);
}

}  // namespace
}  // namespace opensips::base
