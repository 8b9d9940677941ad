#include "base/shared_table.hh"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace opensips::base {
namespace {

using Outcome = SharedTable::Outcome;
using Value = SharedTable::Value;

constexpr std::uint64_t kForever = SharedTable::kForever;
constexpr std::int64_t kNoLimit = INT64_MAX;

TEST(SharedTable, KeepsValuesUntilTheirEnd) {
  MemoryBudget budget(10'000);
  SharedTable table(budget);
  EXPECT_EQ(table.get("a", 0), std::nullopt);
  EXPECT_EQ(table.set("a", std::string("x"), 100, 0), Outcome::done);
  EXPECT_EQ(table.set("b", true, kForever, 0), Outcome::done);
  EXPECT_EQ(table.get("a", 99), Value(std::string("x")));
  EXPECT_EQ(table.get("a", 100), std::nullopt);
  EXPECT_EQ(table.get("b", UINT64_MAX - 1), Value(true));
  EXPECT_EQ(table.set("a", 2.5, 300, 200), Outcome::done);
  EXPECT_EQ(table.get("a", 250), Value(2.5));
  EXPECT_TRUE(table.remove("a", 250));
  EXPECT_FALSE(table.remove("a", 250));
  EXPECT_EQ(table.size(), 1U);
}

TEST(SharedTable, SetsOnlyWhatIsAsExpected) {
  MemoryBudget budget(10'000);
  SharedTable table(budget);
  EXPECT_EQ(table.compare_and_set("a", Value(std::int64_t{1}), std::int64_t{2}, kForever, 0),
            Outcome::refused);
  EXPECT_EQ(table.compare_and_set("a", std::nullopt, std::int64_t{1}, 50, 0), Outcome::done);
  EXPECT_EQ(table.compare_and_set("a", std::nullopt, std::int64_t{9}, 50, 0), Outcome::refused);
  EXPECT_EQ(table.compare_and_set("a", Value(std::int64_t{1}), std::int64_t{2}, 50, 0),
            Outcome::done);
  EXPECT_EQ(table.get("a", 0), Value(std::int64_t{2}));
  EXPECT_EQ(table.compare_and_set("a", std::nullopt, std::int64_t{3}, kForever, 50), Outcome::done)
      << "what is over is not there";
}

TEST(SharedTable, CountsUpToALimit) {
  MemoryBudget budget(10'000);
  SharedTable table(budget);
  EXPECT_EQ(table.add("n", 2, 3, kForever, 0).value, 2);
  const auto refused = table.add("n", 2, 3, kForever, 0);
  EXPECT_EQ(refused.outcome, Outcome::refused);
  EXPECT_EQ(refused.value, 2);
  EXPECT_EQ(table.add("n", -1, 0, kForever, 0).value, 1) << "less is always allowed";
  EXPECT_EQ(table.set("t", std::string("x"), kForever, 0), Outcome::done);
  EXPECT_EQ(table.add("t", 1, kNoLimit, kForever, 0).outcome, Outcome::refused);
  EXPECT_EQ(table.set("m", INT64_MAX, kForever, 0), Outcome::done);
  EXPECT_EQ(table.add("m", 1, kNoLimit, kForever, 0).outcome, Outcome::refused);
  EXPECT_EQ(table.add("w", 1, kNoLimit, 100, 0).value, 1);
  EXPECT_EQ(table.add("w", 1, kNoLimit, 150, 50).value, 2) << "lasts from its first";
  EXPECT_EQ(table.add("w", 1, kNoLimit, 200, 100).value, 1);
}

TEST(SharedTable, TakesNoMoreThanItsBudget) {
  MemoryBudget budget(1'000);
  SharedTable table(budget);
  int stored = 0;
  for (int i = 0; i < 100; ++i) {
    stored += table.set("name" + std::to_string(i), std::int64_t{i}, 100, 0) == Outcome::done;
  }
  EXPECT_GT(stored, 1);
  EXPECT_LT(stored, 10);
  EXPECT_EQ(table.set("big", std::string(2'000, 'x'), kForever, 0), Outcome::full);
  for (int i = 0; i < 100; ++i) table.remove("name" + std::to_string(i), 0);
  EXPECT_EQ(budget.used(), 0U);
  EXPECT_EQ(table.set("big", std::string(500, 'x'), kForever, 0), Outcome::done);
}

TEST(SharedTable, GivesNamesByTheirBeginning) {
  MemoryBudget budget(10'000);
  SharedTable table(budget);
  for (const auto* const name : {"call:1", "call:2", "user:1"}) table.set(name, true, 100, 0);
  EXPECT_EQ(table.names("call:", 10, 0).size(), 2U);
  EXPECT_EQ(table.names("", 10, 0).size(), 3U);
  EXPECT_EQ(table.names("", 1, 0).size(), 1U);
  EXPECT_EQ(table.names("", 10, 100).size(), 0U);
}

TEST(SharedTable, CountsExactlyWhateverThreadsAsk) {
  constexpr int kThreads = 4;
  constexpr int kTimes = 5'000;
  MemoryBudget budget(1 << 20);
  SharedTable table(budget);
  std::atomic<int> granted = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < kTimes; ++n) {
          table.add("all", 1, kNoLimit, kForever, 0);
          granted += table.add("some", 1, 100, kForever, 0).outcome == Outcome::done;
          table.set("s" + std::to_string(n % 50), std::int64_t{n}, static_cast<std::uint64_t>(n),
                    static_cast<std::uint64_t>(n));
        }
      });
    }
  }
  EXPECT_EQ(table.get("all", 0), Value(std::int64_t{kThreads * kTimes}));
  EXPECT_EQ(granted, 100);
}

}  // namespace
}  // namespace opensips::base
