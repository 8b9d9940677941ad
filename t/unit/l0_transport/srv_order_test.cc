#include "l0_transport/srv_order.hh"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace opensips::transport {
namespace {

using Names = std::vector<std::string>;

Names ordered(std::vector<SrvRecord> services, std::mt19937& random) {
  put_in_order(services, random);
  Names names;
  for (const auto& one : services) names.push_back(one.target);
  return names;
}

TEST(SrvOrder, PrioritiesComeBeforeWeights) {
  std::mt19937 random(1);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(ordered({{20, 0xffff, 1, "c"}, {5, 0, 1, "a"}, {10, 1, 1, "b"}}, random),
              (Names{"a", "b", "c"}));
  }
}

TEST(SrvOrder, WeightsAreChances) {
  std::mt19937 random(1);
  std::map<Names, int> times;
  for (int i = 0; i < 10'000; ++i) {
    ++times[ordered({{1, 60, 1, "a"}, {1, 30, 1, "b"}, {1, 10, 1, "c"}}, random)];
  }
  // The first is drawn by its weight, the second by its own among those left.
  EXPECT_EQ(times.size(), 6U);
  EXPECT_NEAR((times[{"a", "b", "c"}]), 10'000 * .6 * .75, 300);
  EXPECT_NEAR((times[{"b", "a", "c"}]), 10'000 * .3 * 6 / 7, 300);
  EXPECT_NEAR((times[{"c", "b", "a"}]), 10'000 * .1 / 3, 150);
}

TEST(SrvOrder, WeightOfNothingIsASmallChance) {
  std::mt19937 random(1);
  int first = 0;
  for (int i = 0; i < 10'000; ++i) {
    first += ordered({{1, 99, 1, "heavy"}, {1, 0, 1, "none"}}, random).front() == "none";
  }
  EXPECT_GT(first, 20);
  EXPECT_LT(first, 300);
}

TEST(SrvOrder, NothingIsLostAndNothingIsNeeded) {
  std::mt19937 random(1);
  EXPECT_EQ(ordered({}, random), Names{});
  EXPECT_EQ(ordered({{1, 0, 1, "a"}, {1, 0, 1, "b"}, {1, 0, 1, "c"}}, random).size(), 3U);
}

}  // namespace
}  // namespace opensips::transport
