#include "storage/breaker.hh"

#include <gtest/gtest.h>

namespace opensips::storage {
namespace {

using std::chrono::milliseconds;

const Breaker::Options kOptions{
    .timeouts = 3, .shortest_pause = milliseconds(100), .longest_pause = milliseconds(350)};
const Breaker::Time kStart{std::chrono::seconds(1000)};

TEST(Breaker, OpensWhenNoConnectionCanBeMade) {
  Breaker breaker(kOptions);
  EXPECT_TRUE(breaker.is_closed());
  breaker.failed(kStart);
  EXPECT_EQ(breaker.state(), Breaker::State::open);
  EXPECT_EQ(breaker.retry_at(), kStart + milliseconds(100));
}

TEST(Breaker, OpensAfterTimeoutsInTurn) {
  Breaker breaker(kOptions);
  EXPECT_FALSE(breaker.timed_out(kStart));
  EXPECT_FALSE(breaker.timed_out(kStart));
  breaker.answered();
  EXPECT_FALSE(breaker.timed_out(kStart));
  EXPECT_FALSE(breaker.timed_out(kStart));
  EXPECT_TRUE(breaker.timed_out(kStart));
  EXPECT_FALSE(breaker.timed_out(kStart)) << "it is open already";
}

TEST(Breaker, OneTriesWhenThePauseIsOver) {
  Breaker breaker(kOptions);
  breaker.failed(kStart);
  EXPECT_FALSE(breaker.begin_trial(kStart + milliseconds(99)));
  EXPECT_TRUE(breaker.begin_trial(kStart + milliseconds(100)));
  EXPECT_EQ(breaker.state(), Breaker::State::half_open);
  EXPECT_FALSE(breaker.begin_trial(kStart + milliseconds(100))) << "somebody else is at it";
  breaker.recovered();
  EXPECT_TRUE(breaker.is_closed());
}

TEST(Breaker, PausesGrowToALimitAndBeginAnew) {
  Breaker breaker(kOptions);
  auto now = kStart;
  breaker.failed(now);
  for (const int pause : {200, 350, 350}) {
    now = breaker.retry_at();
    ASSERT_TRUE(breaker.begin_trial(now));
    breaker.failed(now);
    EXPECT_EQ(breaker.retry_at(), now + milliseconds(pause));
  }
  breaker.begin_trial(breaker.retry_at());
  breaker.recovered();
  breaker.failed(now);
  EXPECT_EQ(breaker.retry_at(), now + milliseconds(100));
}

TEST(Breaker, WhatFailsWhileItIsOpenDoesNotPutTheTrialOff) {
  Breaker breaker(kOptions);
  breaker.failed(kStart);
  breaker.failed(kStart + milliseconds(50));
  EXPECT_EQ(breaker.retry_at(), kStart + milliseconds(100));
}

}  // namespace
}  // namespace opensips::storage
