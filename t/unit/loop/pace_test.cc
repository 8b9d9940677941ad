#include "loop/pace.hh"

#include <gtest/gtest.h>

namespace opensips::loop {
namespace {

constexpr std::uint64_t kMs = 1'000'000;
constexpr std::uint64_t kLongest = 2 * kMs;

/// Turns with one message each so far apart, for a while: what the last one of them has to wait.
std::uint64_t wait_after(Pace& pace, std::uint64_t& now, std::uint64_t apart_ns,
                         unsigned messages = 1) {
  std::uint64_t next = now;
  for (int turn = 0; turn < 1000; ++turn) {
    now += apart_ns;
    next = pace.next_turn(now, messages);
  }
  return next - now;
}

TEST(Pace, WhatComesSeldomWaitsForNobody) {
  Pace pace(kLongest);
  std::uint64_t now = 5'000 * kMs;
  EXPECT_EQ(pace.next_turn(now, 1), now);
  EXPECT_EQ(wait_after(pace, now, 20 * kMs), 0u);
  EXPECT_EQ(wait_after(pace, now, kMs + 1), 0u);
}

TEST(Pace, MessagesInQuickSuccessionWaitForTheLongestTime) {
  Pace pace(kLongest);
  std::uint64_t now = 5'000 * kMs;
  EXPECT_EQ(wait_after(pace, now, kMs), kLongest);
  EXPECT_EQ(wait_after(pace, now, kLongest, 18), kLongest);
}

TEST(Pace, NoLongerThanUntilEnoughAreThere) {
  Pace pace(kLongest);
  std::uint64_t now = 5'000 * kMs;
  EXPECT_EQ(wait_after(pace, now, kMs, 64), kMs / 2);
  EXPECT_EQ(wait_after(pace, now, kMs, 320), kMs / 10);
}

TEST(Pace, AfterAPauseNothingWaits) {
  Pace pace(kLongest);
  std::uint64_t now = 5'000 * kMs;
  ASSERT_EQ(wait_after(pace, now, kMs), kLongest);
  now += 1'000 * kMs;
  EXPECT_EQ(pace.next_turn(now, 1), now);
}

TEST(Pace, ATurnWithoutMessagesPutsNothingOff) {
  Pace pace(kLongest);
  std::uint64_t now = 5'000 * kMs;
  ASSERT_EQ(wait_after(pace, now, kMs), kLongest);
  EXPECT_EQ(pace.next_turn(now, 0), now);
}

TEST(Pace, WithoutALimitNothingWaits) {
  Pace pace(0);
  std::uint64_t now = 5'000 * kMs;
  EXPECT_EQ(wait_after(pace, now, 1'000), 0u);
}

}  // namespace
}  // namespace opensips::loop
