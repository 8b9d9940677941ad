#include "loop/overload.hh"

#include <gtest/gtest.h>

namespace opensips::loop {
namespace {

class OverloadTest : public ::testing::Test {
 protected:
  OverloadTest() { overload.set_limit(500); }
  /// A turn of so many messages, in so many milliseconds.
  void turn(unsigned messages, std::uint64_t ms) {
    for (unsigned i = 0; i < messages; ++i) overload.count_message();
    overload.turn_ended(now, now + ms);
    now += ms;
  }
  Overload overload;
  std::uint64_t now = 10'000;
};

constexpr unsigned kFull = Overload::kFullTurn;

TEST_F(OverloadTest, AQueueThatStandsForLongerThanTheLimitIsOne) {
  for (int i = 0; i < 50; ++i) {
    turn(kFull, 10);
    EXPECT_FALSE(overload.is_shedding());
  }
  turn(kFull, 10);
  EXPECT_TRUE(overload.is_shedding());
  turn(kFull, 10);
  EXPECT_TRUE(overload.is_shedding());
}

TEST_F(OverloadTest, ItEndsWithTheFirstTurnThatIsNotFull) {
  for (int i = 0; i < 60; ++i) turn(kFull, 10);
  ASSERT_TRUE(overload.is_shedding());
  turn(kFull - 1, 5);
  EXPECT_FALSE(overload.is_shedding());
  for (int i = 0; i < 50; ++i) turn(kFull, 10);
  EXPECT_FALSE(overload.is_shedding()) << "it begins to count anew";
}

TEST_F(OverloadTest, ManyBurstsAreNone) {
  for (int i = 0; i < 1000; ++i) {
    turn(kFull, 100);
    turn(kFull, 100);
    turn(3, 1);
    EXPECT_FALSE(overload.is_shedding());
  }
}

TEST_F(OverloadTest, OneLongTurnIsNone) {
  turn(5, 3000);
  EXPECT_FALSE(overload.is_shedding());
  turn(1, 1);
  EXPECT_FALSE(overload.is_shedding());
}

TEST_F(OverloadTest, FewMessagesThatEachTakeLongAre) {
  turn(2, 400);
  turn(2, 400);
  EXPECT_TRUE(overload.is_shedding());
}

TEST_F(OverloadTest, LongTurnsWithoutMessagesAreNone) {
  for (int i = 0; i < 10; ++i) turn(0, 400);
  EXPECT_FALSE(overload.is_shedding());
}

TEST_F(OverloadTest, ZeroIsNever) {
  overload.set_limit(0);
  for (int i = 0; i < 100; ++i) turn(kFull, 1000);
  EXPECT_FALSE(overload.is_shedding());
}

}  // namespace
}  // namespace opensips::loop
