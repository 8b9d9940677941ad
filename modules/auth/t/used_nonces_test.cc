#include "auth/used_nonces.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace opensips::auth {
namespace {

using Outcome = UsedNonces::Outcome;

constexpr std::uint64_t kLifetime = 30'000;

TEST(UsedNonces, TakeEachCountOnce) {
  UsedNonces used(1000, kLifetime);
  for (const std::uint32_t count : {1U, 2U, 3U, 100U, 4U}) {
    EXPECT_EQ(used.use(7, count, 0), Outcome::fresh) << count;
    EXPECT_EQ(used.use(7, count, 0), Outcome::replayed) << count;
  }
  EXPECT_EQ(used.use(8, 1, 0), Outcome::fresh);
  EXPECT_EQ(used.size(), 2U);
}

TEST(UsedNonces, RememberACountHoweverFarItIsBehind) {
  UsedNonces used(1000, kLifetime);
  for (std::uint32_t count = 1; count <= 1000; ++count) {
    ASSERT_EQ(used.use(7, count, 0), Outcome::fresh) << count;
  }
  for (std::uint32_t count = 0; count <= 1000; ++count) {
    ASSERT_EQ(used.use(7, count, 0), Outcome::replayed) << count;
  }
}

TEST(UsedNonces, TakeWhatWasOvertakenInsideTheWindowOnly) {
  UsedNonces used(1000, kLifetime);
  EXPECT_EQ(used.use(7, 1000, 0), Outcome::fresh);
  EXPECT_EQ(used.use(7, 1000 - UsedNonces::kWindow + 1, 0), Outcome::fresh);
  EXPECT_EQ(used.use(7, 1000 - UsedNonces::kWindow + 1, 0), Outcome::replayed);
  EXPECT_EQ(used.use(7, 1000 - UsedNonces::kWindow, 0), Outcome::replayed);
  // The window moves: nothing of what it leaves behind is taken for what comes in.
  EXPECT_EQ(used.use(7, 1100, 0), Outcome::fresh);
  for (std::uint32_t count = 1001; count < 1100; ++count) {
    EXPECT_EQ(used.use(7, count, 0), Outcome::fresh) << count;
  }
  EXPECT_EQ(used.use(7, 0xffffffff, 0), Outcome::fresh);
  EXPECT_EQ(used.use(7, 1100, 0), Outcome::replayed);
  EXPECT_EQ(used.use(7, 0xffffffff, 0), Outcome::replayed);
  EXPECT_EQ(used.use(7, 0xfffffffe, 0), Outcome::fresh);
}

TEST(UsedNonces, AreForgottenWhenTheyHaveExpired) {
  UsedNonces used(1'000'000, kLifetime);
  for (std::uint64_t nonce = 0; nonce < 10'000; ++nonce) used.use(nonce, 1, 0);
  EXPECT_EQ(used.size(), 10'000U);
  EXPECT_EQ(used.use(5, 1, kLifetime - 1), Outcome::replayed);
  for (std::uint64_t nonce = 10'000; nonce < 20'000; ++nonce) used.use(nonce, 1, kLifetime);
  EXPECT_LT(used.size(), 10'100U);
}

TEST(UsedNonces, AreKnownForTheirTimeHoweverManyCome) {
  UsedNonces used(1'000'000, kLifetime);
  constexpr std::uint64_t kEach = 100;  // ms; the numbers are those of real ones: time and index
  const auto nonce_of = [](std::uint64_t i) { return (1'700'000'000 + i / 10) << 32 | i; };
  for (std::uint64_t i = 0; i < 50'000; ++i) {
    const auto now = i * kEach;
    ASSERT_EQ(used.use(nonce_of(i), 1, now), Outcome::fresh) << i;
    const auto known = std::min(i, kLifetime / kEach - 1);
    ASSERT_EQ(used.use(nonce_of(i - i % 7 % (known + 1)), 1, now), Outcome::replayed) << i;
    ASSERT_EQ(used.use(nonce_of(i - known), 1, now), Outcome::replayed) << i;
  }
  EXPECT_LT(used.size(), kLifetime / kEach + 100);
}

TEST(UsedNonces, ThatHaveNoRoomAreRefusedAndOthersGoOn) {
  UsedNonces used(64, kLifetime);
  std::uint64_t full = 0;
  for (std::uint64_t nonce = 0; nonce < 10'000; ++nonce) {
    full += used.use(nonce, 1, 0) == Outcome::full;
  }
  EXPECT_GE(full, 10'000U - 64);
  EXPECT_LE(used.size(), 64U);
  EXPECT_EQ(used.use(0, 1, 0), Outcome::replayed);
  EXPECT_EQ(used.use(0, 2, 0), Outcome::fresh);
}

// 100,000 replays from several threads at once: of each count one passes.
TEST(UsedNonces, LetOneOfManyThreadsPass) {
  constexpr unsigned kThreads = 4;
  constexpr std::uint32_t kCounts = 25'000;
  UsedNonces used(1000, kLifetime);
  std::atomic<std::uint32_t> passed = 0;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (std::uint32_t count = 0; count < kCounts; ++count) {
        // 100 nonces, so that the threads stay inside a window.
        if (used.use(count % 100, count / 100, 0) == Outcome::fresh) ++passed;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(passed, kCounts);
  for (std::uint32_t count = 0; count < kCounts; ++count) {
    EXPECT_NE(used.use(count % 100, count / 100, 0), Outcome::full);
  }
  for (std::uint32_t count = 0; count < kCounts; ++count) {
    ASSERT_EQ(used.use(count % 100, count / 100, 0), Outcome::replayed);
  }
}

/// Each thread has the same nonces in its own order, while those before them are cleared away.
TEST(UsedNonces, LetOneOfManyThreadsPassWhileOthersAreClearedAway) {
  constexpr unsigned kThreads = 4;
  constexpr std::uint64_t kNonces = 20'000;
  UsedNonces used(1'000'000, kLifetime);
  for (std::uint64_t i = 0; i < kNonces; ++i) used.use(kNonces + i, 1, 0);
  std::atomic<std::uint64_t> passed = 0;
  std::vector<std::thread> threads;
  for (unsigned number = 0; number < kThreads; ++number) {
    threads.emplace_back([&, number] {
      for (std::uint64_t i = 0; i < kNonces; ++i) {
        const auto nonce = (i + number * kNonces / kThreads) % kNonces;
        if (used.use(nonce, 1, kLifetime) == Outcome::fresh) ++passed;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(passed, kNonces);
  EXPECT_LT(used.size(), kNonces + 100);
}

}  // namespace
}  // namespace opensips::auth
