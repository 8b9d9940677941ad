#include "base/snapshot.hh"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <thread>
#include <vector>

namespace opensips::base {
namespace {

TEST(Snapshot, GivesWhatWasPublishedLast) {
  Snapshot<int> number(std::make_shared<const int>(1));
  EXPECT_EQ(*number.get(), 1);
  number.publish(std::make_shared<const int>(2));
  EXPECT_EQ(*number.get(), 2);
}

TEST(Snapshot, LeavesAReaderTheVersionItHas) {
  Snapshot<int> number(std::make_shared<const int>(1));
  const auto old = number.get();
  number.publish(std::make_shared<const int>(2));
  EXPECT_EQ(*old, 1);
}

TEST(Snapshot, UpdatesACopy) {
  Snapshot<std::map<int, int>> map;
  const auto old = map.get();
  map.update([](auto& next) { next[1] = 10; });
  map.update([](auto& next) { next[2] = 20; });
  EXPECT_TRUE(old->empty());
  EXPECT_EQ(map.get()->size(), 2U);
}

TEST(Snapshot, FreesAVersionThatNobodyHolds) {
  Snapshot<int> number(std::make_shared<const int>(1));
  const std::weak_ptr<const int> old = number.get();
  number.publish(std::make_shared<const int>(2));
  EXPECT_TRUE(old.expired());
}

TEST(SnapshotReader, SeesEachNewVersion) {
  Snapshot<int> number(std::make_shared<const int>(1));
  SnapshotReader<int> reader(number);
  EXPECT_EQ(*reader, 1);
  number.publish(std::make_shared<const int>(2));
  EXPECT_EQ(*reader, 2);
  number.update([](int& n) { ++n; });
  EXPECT_EQ(*reader, 3);
}

TEST(SnapshotReader, CopiesThePointerOnlyWhenItChanged) {
  Snapshot<int> number(std::make_shared<const int>(1));
  SnapshotReader<int> reader(number);
  EXPECT_EQ(*reader, 1);
  const long holders = number.get().use_count();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(*reader, 1);
  EXPECT_EQ(number.get().use_count(), holders);
}

TEST(SnapshotReader, LetsTheOldVersionGoWhenItLooks) {
  Snapshot<int> number(std::make_shared<const int>(1));
  SnapshotReader<int> reader(number);
  const std::weak_ptr<const int> old = reader.get();
  number.publish(std::make_shared<const int>(2));
  EXPECT_FALSE(old.expired());
  reader.get();
  EXPECT_TRUE(old.expired());
}

TEST(Snapshot, ShowsWholeVersionsInOrderToManyReadersAndLosesNoUpdate) {
  struct Pair {
    int first = 0;
    int second = 0;
  };
  constexpr int kWriters = 2;
  constexpr int kUpdates = 2'000;
  Snapshot<Pair> pair;
  std::atomic<int> wrong = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      SnapshotReader<Pair> reader(pair);
      for (int last = 0; last < kWriters * kUpdates;) {
        const Pair& seen = *reader;
        if (seen.first != seen.second || seen.first < last) ++wrong;
        last = seen.first;
      }
    });
  }
  for (int i = 0; i < kWriters; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < kUpdates; ++n) {
        pair.update([](Pair& next) {
          ++next.first;
          ++next.second;
        });
      }
    });
  }
  threads.clear();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(pair.get()->first, kWriters * kUpdates);
}

}  // namespace
}  // namespace opensips::base
