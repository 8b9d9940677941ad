#include "base/counter_table.hh"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace opensips::base {
namespace {

using Outcome = CounterTable::Outcome;

TEST(CounterTable, GrantsUpToTheLimitAndNoMore) {
  CounterTable table(100, 1000);
  for (unsigned i = 1; i <= 3; ++i) {
    const auto result = table.add("a", 3, 5000);
    EXPECT_EQ(result.outcome, Outcome::granted);
    EXPECT_EQ(result.count, i);
  }
  EXPECT_EQ(table.add("a", 3, 5000).outcome, Outcome::limited);
  EXPECT_EQ(table.count("a", 5000), 3U);
  EXPECT_EQ(table.add("b", 3, 5000).outcome, Outcome::granted);
}

TEST(CounterTable, AddsSeveralOrNone) {
  CounterTable table(100, 1000);
  EXPECT_EQ(table.add("a", 10, 0, 7).count, 7U);
  EXPECT_EQ(table.add("a", 10, 0, 4).outcome, Outcome::limited);
  EXPECT_EQ(table.add("a", 10, 0, 3).count, 10U);
  EXPECT_EQ(table.add("b", 10, 0, 11).outcome, Outcome::limited);
  EXPECT_EQ(table.add("c", CounterTable::kNoLimit, 0, UINT64_MAX).outcome, Outcome::granted);
  EXPECT_EQ(table.add("c", CounterTable::kNoLimit, 0, 1).outcome, Outcome::limited);
}

TEST(CounterTable, AWindowEndsSoLongAfterItsFirstAddition) {
  CounterTable table(100, 1000);
  table.add("a", 2, 5000);
  table.add("a", 2, 5900);
  EXPECT_EQ(table.add("a", 2, 5999).outcome, Outcome::limited);
  EXPECT_EQ(table.count("a", 6000), 0U);
  EXPECT_EQ(table.add("a", 2, 6000).count, 1U);
  EXPECT_EQ(table.add("a", 2, 6999).count, 2U);
}

TEST(CounterTable, WithoutAWindowACountLastsUntilItIsTakenBack) {
  CounterTable table(100, 0);
  table.add("a", 1, 5000);
  EXPECT_EQ(table.add("a", 1, UINT64_MAX - 1).outcome, Outcome::limited);
  table.subtract("a");
  EXPECT_EQ(table.size(), 0U);
  EXPECT_EQ(table.add("a", 1, 5000).outcome, Outcome::granted);
  table.subtract("a", 7);  // more than there is
  table.subtract("b");     // never there
  EXPECT_EQ(table.size(), 0U);
}

TEST(CounterTable, IsBoundedAndSaysWhenItIsFull) {
  CounterTable table(6400, 1000);
  std::size_t full = 0;
  for (int i = 0; i < 20'000; ++i) {
    full += table.add("key" + std::to_string(i), 1, 5000).outcome == Outcome::full;
  }
  EXPECT_LE(table.size(), 6400U);
  EXPECT_EQ(full, 20'000 - table.size());
  EXPECT_EQ(table.add("key0", 1, 5000).outcome, Outcome::limited);  // what is there stays exact
}

TEST(CounterTable, WhatIsOverMakesRoom) {
  CounterTable table(6400, 1000);
  for (int i = 0; i < 20'000; ++i) table.add("old" + std::to_string(i), 1, 5000);
  for (int i = 0; i < 3000; ++i) {
    EXPECT_EQ(table.add("new" + std::to_string(i), 1, 6000).outcome, Outcome::granted);
  }
  EXPECT_LT(table.size(), 4000U);  // and it does not linger
}

TEST(CounterTable, VisitsWhatIsNotOver) {
  CounterTable table(100, 1000);
  table.add("gone", 5, 4000);
  table.add("a", 5, 5000);
  table.add("b", 5, 5000, 2);
  std::map<std::string, std::uint64_t> seen;
  table.for_each(
      5000, [&](std::string_view key, std::uint64_t count) { seen[std::string(key)] = count; });
  EXPECT_EQ(seen, (std::map<std::string, std::uint64_t>{{"a", 1}, {"b", 2}}));
}

TEST(CounterTable, KeysMayHaveAnyBytes) {
  CounterTable table(100, 0);
  table.add({"\0\1", 2}, 1, 0);
  EXPECT_EQ(table.count({"\0\1", 2}, 0), 1U);
  EXPECT_EQ(table.count({"\0", 1}, 0), 0U);
  EXPECT_EQ(table.count({}, 0), 0U);
}

/// Threads that race for the last of a limit.
TEST(CounterTableThreads, NeverGrantMoreThanTheLimit) {
  CounterTable table(1000, 0);
  constexpr std::uint64_t kLimit = 5000;
  std::atomic<std::uint64_t> granted = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 4000; ++i) {
          for (const auto key : {"a", "b"}) {
            granted += table.add(key, kLimit, 0).outcome == Outcome::granted;
          }
        }
      });
    }
  }
  EXPECT_EQ(granted, 2 * kLimit);
  EXPECT_EQ(table.count("a", 0), kLimit);
}

TEST(CounterTableThreads, WhatIsTakenBackIsExact) {
  CounterTable table(1000, 0);
  std::atomic<bool> exceeded = false;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 4000; ++i) {
          const auto result = table.add("calls", 3, 0);
          if (result.count > 3) exceeded = true;
          if (result.outcome == Outcome::granted) table.subtract("calls");
        }
      });
    }
  }
  EXPECT_FALSE(exceeded);
  EXPECT_EQ(table.size(), 0U);
}

}  // namespace
}  // namespace opensips::base
