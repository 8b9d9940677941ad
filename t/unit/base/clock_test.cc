#include "base/clock.hh"

#include <gtest/gtest.h>

#include "base/random.hh"
#include "base/siphash.hh"

namespace opensips::base {
namespace {

TEST(ClockTest, StandsWhereATestHoldsItAndGoesAgain) {
  set_clocks(5000, 1'700'000'000);
  EXPECT_EQ(monotonic_ms(), 5000U);
  EXPECT_EQ(monotonic_ns(), 5'000'000'000U);
  EXPECT_EQ(wall_seconds(), 1'700'000'000);
  set_clocks(0, 0);
  const auto before = monotonic_ns();
  EXPECT_GT(monotonic_ns() - before + 1, 0U);
  EXPECT_GT(wall_seconds(), 1'700'000'000);
}

TEST(SeededRandomTest, IsTheSameForTheSameSeedAndNotAsked) {
  const auto drawn = [](std::uint64_t seed) {
    seed_random(seed);
    const auto key = SipKey::random();
    return std::pair(key.k0, key.k1);
  };
  const auto once = drawn(7);
  EXPECT_EQ(drawn(7), once);
  EXPECT_NE(drawn(8), once);
  seed_random(std::nullopt);
  char byte = 0;
  EXPECT_FALSE(draw_seeded(&byte, 1));
  EXPECT_NE(SipKey::random().k0, SipKey::random().k0);
}

}  // namespace
}  // namespace opensips::base
