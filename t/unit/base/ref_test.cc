#include "base/ref.hh"

#include <gtest/gtest.h>

#include <utility>

namespace opensips::base {
namespace {

struct Thing : RefCounted {
  explicit Thing(int& count) : ended(count) {}
  ~Thing() { ++ended; }
  int& ended;
};

void retain(Thing* thing) {
  thing->ref();
}
void release(Thing* thing) {
  if (thing->unref()) delete thing;
}

class RefTest : public ::testing::Test {
 protected:
  Ref<Thing> make() { return Ref<Thing>(new Thing(ended)); }
  int ended = 0;
};

TEST_F(RefTest, EmptyOnePointsNowhere) {
  const Ref<Thing> none;
  const Ref<Thing> null(nullptr);
  EXPECT_FALSE(none);
  EXPECT_EQ(none.get(), nullptr);
  EXPECT_EQ(none, null);
}

TEST_F(RefTest, LastOwnerEndsTheObject) {
  auto first = make();
  {
    const Ref<Thing> second = first;
    EXPECT_EQ(first->refs(), 2U);
    EXPECT_EQ(first, second);
  }
  EXPECT_EQ(first->refs(), 1U);
  EXPECT_EQ(ended, 0);
  first.reset();
  EXPECT_EQ(ended, 1);
  EXPECT_FALSE(first);
}

TEST_F(RefTest, MovingTakesTheShareAlong) {
  auto first = make();
  Ref<Thing> second = std::move(first);
  EXPECT_FALSE(first);  // NOLINT: moved from is empty
  EXPECT_EQ(second->refs(), 1U);
  first = std::move(second);
  EXPECT_EQ(first->refs(), 1U);
  EXPECT_EQ(ended, 0);
}

TEST_F(RefTest, AssignmentLetsGoOfWhatWasHeld) {
  auto first = make();
  auto second = make();
  first = second;
  EXPECT_EQ(ended, 1);
  EXPECT_EQ(second->refs(), 2U);
}

TEST_F(RefTest, AssignmentToItselfChangesNothing) {
  auto first = make();
  const auto& same = first;
  first = same;
  EXPECT_EQ(first->refs(), 1U);
  EXPECT_EQ(ended, 0);
}

TEST_F(RefTest, SecondRefFromThePointerSharesTheCount) {
  auto first = make();
  const Ref<Thing> second(first.get());
  EXPECT_EQ(first->refs(), 2U);
}

TEST_F(RefTest, WhatAnEndedThreadLeftMayBeInherited) {
  Ref<Thing> left;
  std::thread([&] { left = make(); }).join();
  std::thread([&] {
    RefCounted::inherit_all();
    left.reset();
  }).join();
  EXPECT_EQ(ended, 1);
}

#ifndef NDEBUG
using RefDeathTest = RefTest;
TEST_F(RefDeathTest, ObjectOfAnotherThreadIsNoticed) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  auto thing = make();
  EXPECT_DEATH(std::thread([&] { thing->ref(); }).join(), "owner_");
}
#endif

}  // namespace
}  // namespace opensips::base
