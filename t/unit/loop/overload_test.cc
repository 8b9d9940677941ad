#include "loop/overload.hh"

#include <gtest/gtest.h>

namespace opensips::loop {
namespace {

constexpr unsigned kFull = Overload::kFullTurn;
constexpr std::uint64_t kMs = 1'000'000;

class OverloadTest : public ::testing::Test {
 protected:
  OverloadTest() { overload.set_limit(500); }
  /// A turn of so many messages, which cost so much each, with so many waiting at its end.
  void turn(unsigned messages, std::uint64_t each_ns, std::uint64_t waiting) {
    for (unsigned i = 0; i < messages; ++i) overload.count_message();
    if (overload.turn_is_full()) overload.add_waiting(waiting);
    overload.turn_ended(messages * each_ns);
  }
  Overload overload;
};

TEST_F(OverloadTest, MoreThanCanBeWorkedOffInTimeIsOne) {
  turn(kFull, kMs, 500);
  EXPECT_FALSE(overload.is_shedding());
  turn(kFull, kMs, 501);
  EXPECT_TRUE(overload.is_shedding());
}

TEST_F(OverloadTest, BeingBusyIsNone) {
  for (int i = 0; i < 1000; ++i) {
    turn(kFull, kMs, 200);
    EXPECT_FALSE(overload.is_shedding());
  }
}

TEST_F(OverloadTest, ItEndsWhenHalfIsWorkedOff) {
  turn(kFull, kMs, 600);
  ASSERT_TRUE(overload.is_shedding());
  turn(kFull, kMs / 20, 400);  // shed messages are cheap: that says nothing of others
  EXPECT_TRUE(overload.is_shedding());
  turn(kFull, kMs / 20, 250);
  EXPECT_FALSE(overload.is_shedding());
}

TEST_F(OverloadTest, ItEndsWithATurnThatIsNotFull) {
  turn(kFull, kMs, 600);
  ASSERT_TRUE(overload.is_shedding());
  turn(kFull - 1, kMs, 600);
  EXPECT_FALSE(overload.is_shedding());
}

TEST_F(OverloadTest, OneLongTurnIsNone) {
  turn(5, 1000 * kMs, 100);
  EXPECT_FALSE(overload.is_shedding());
}

TEST_F(OverloadTest, ABufferThatIsNearlyFullIsOne) {
  for (unsigned i = 0; i < kFull; ++i) overload.count_message();
  overload.note_pressure();
  overload.turn_ended(kMs);
  EXPECT_TRUE(overload.is_shedding());
  turn(kFull, 1000, 10);
  EXPECT_FALSE(overload.is_shedding());
}

TEST_F(OverloadTest, ZeroIsNever) {
  overload.set_limit(0);
  turn(kFull, 1000 * kMs, 100'000);
  EXPECT_FALSE(overload.turn_is_full());
  EXPECT_FALSE(overload.is_shedding());
}

}  // namespace
}  // namespace opensips::loop
