#include "base/memory.hh"

#include <gtest/gtest.h>

#include <new>
#include <thread>

namespace opensips::base {
namespace {

class MemoryTest : public ::testing::Test {
 protected:
  MemoryTest() { keep_memory_reserve(1 << 20); }
  ~MemoryTest() override {
    keep_memory_reserve(0);
    watch_memory(false);
  }
  /// What an allocation does that has failed.
  static void fail() { std::get_new_handler()(); }
};

TEST_F(MemoryTest, AFailedAllocationMayTryAgainOnceAndNothingNewIsBegun) {
  const auto before = memory_shortages();
  EXPECT_FALSE(memory_is_short());
  fail();
  EXPECT_TRUE(memory_is_short());
  EXPECT_EQ(memory_shortages(), before + 1);
  EXPECT_DEATH(fail(), "opensips: out of memory");
}

TEST_F(MemoryTest, TheReserveIsSetAsideAgain) {
  for (int i = 0; i < 3; ++i) {
    fail();
    watch_memory(false);
    EXPECT_FALSE(memory_is_short());
  }
}

TEST_F(MemoryTest, WhatOneThreadGivesBackIsThereForAllThatHaveFailed) {
  fail();
  for (int i = 0; i < 3; ++i) std::thread(fail).join();
  EXPECT_TRUE(memory_is_short());
}

TEST_F(MemoryTest, MoreInUseThanMayBeIsShortToo) {
  const auto before = memory_shortages();
  watch_memory(true);
  watch_memory(true);
  EXPECT_TRUE(memory_is_short());
  EXPECT_EQ(memory_shortages(), before + 1);
  watch_memory(false);
  EXPECT_FALSE(memory_is_short());
}

TEST_F(MemoryTest, WithoutAReserveAFailureIsAnException) {
  keep_memory_reserve(0);
  EXPECT_EQ(std::get_new_handler(), nullptr);
  EXPECT_FALSE(memory_is_short());
}

}  // namespace
}  // namespace opensips::base
