#include "base/flat_index.hh"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <random>

namespace opensips::base {
namespace {

TEST(FlatIndex, FindsWhatWasInserted) {
  FlatIndex<int> index;
  int one = 1, two = 2;
  index.insert(10, one);
  index.insert(20, two);
  EXPECT_EQ(index.find(10), &one);
  EXPECT_EQ(index.find(20), &two);
  EXPECT_EQ(index.find(30), nullptr);
  EXPECT_EQ(index.size(), 2U);
}

TEST(FlatIndex, ErasedIsNotFound) {
  FlatIndex<int> index;
  int one = 1;
  index.insert(10, one);
  index.erase(10, one);
  EXPECT_EQ(index.find(10), nullptr);
  EXPECT_EQ(index.size(), 0U);
}

TEST(FlatIndex, ErasingWhatIsNotThereChangesNothing) {
  FlatIndex<int> index;
  int one = 1, other = 2;
  index.insert(10, one);
  index.erase(10, other);
  index.erase(11, one);
  EXPECT_EQ(index.find(10), &one);
  EXPECT_EQ(index.size(), 1U);
}

TEST(FlatIndex, KeyInsertedTwiceGivesTheOtherWhenOneIsErased) {
  FlatIndex<int> index;
  int one = 1, two = 2;
  index.insert(10, one);
  index.insert(10, two);
  EXPECT_EQ(index.size(), 2U);
  index.erase(10, *index.find(10));
  ASSERT_NE(index.find(10), nullptr);
  index.erase(10, *index.find(10));
  EXPECT_EQ(index.find(10), nullptr);
}

TEST(FlatIndex, GrowsFromOneEntry) {
  FlatIndex<int> index(1);
  std::deque<int> objects(100);
  for (std::size_t i = 0; i < objects.size(); ++i) index.insert(i, objects[i]);
  for (std::size_t i = 0; i < objects.size(); ++i) EXPECT_EQ(index.find(i), &objects[i]);
  EXPECT_EQ(index.find(objects.size()), nullptr);
}

TEST(FlatIndex, KeyZeroIsAKeyLikeAnother) {
  FlatIndex<int> index;
  int one = 1;
  EXPECT_EQ(index.find(0), nullptr);
  index.insert(0, one);
  EXPECT_EQ(index.find(0), &one);
}

TEST(FlatIndex, EntriesBehindAnErasedOneAreStillFound) {
  FlatIndex<int> index;
  std::deque<int> objects;
  // The same place for all, and the end of the array, so that they wrap round.
  std::vector<std::uint64_t> keys;
  for (std::uint64_t i = 0; i < 8; ++i) keys.push_back(i << 32 | 1022);
  for (std::uint64_t i = 0; i < 8; ++i) keys.push_back(i << 32 | 1);
  for (const auto key : keys) index.insert(key, objects.emplace_back());
  for (std::size_t gone = 0; gone < keys.size(); ++gone) {
    index.erase(keys[gone], objects[gone]);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      ASSERT_EQ(index.find(keys[i]), i <= gone ? nullptr : &objects[i]) << gone << " " << i;
    }
  }
}

TEST(FlatIndex, AgreesWithAMapWhileItGrowsAndShrinks) {
  constexpr unsigned kSeed = 31;
  std::mt19937_64 random(kSeed);
  FlatIndex<int> index;
  std::map<std::uint64_t, int*> expected;
  std::deque<int> objects;
  for (int step = 0; step < 40'000; ++step) {
    const bool grow = step < 15'000 ? random() % 4 != 0 : random() % 4 == 0;
    if (grow) {
      // Few places, so that runs are long.
      const std::uint64_t key = random() % 3 ? random() : random() % 64 << 40 | random() % 16;
      if (expected.contains(key)) continue;
      int& object = objects.emplace_back();
      index.insert(key, object);
      expected[key] = &object;
    } else if (!expected.empty()) {
      auto at = expected.lower_bound(random());
      if (at == expected.end()) at = expected.begin();
      index.erase(at->first, *at->second);
      ASSERT_EQ(index.find(at->first), nullptr);
      expected.erase(at);
    }
    ASSERT_EQ(index.size(), expected.size());
    if (step % 5000 != 0) continue;
    for (const auto& [key, object] : expected) ASSERT_EQ(index.find(key), object);
  }
  for (const auto& [key, object] : expected) EXPECT_EQ(index.find(key), object);
}

}  // namespace
}  // namespace opensips::base
