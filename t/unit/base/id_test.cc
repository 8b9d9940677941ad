#include "base/id.hh"

#include <gtest/gtest.h>

#include <type_traits>

namespace opensips::base {
namespace {

using ThingId = Id<struct ThingTag>;

TEST(Id, DefaultIsNone) {
  EXPECT_FALSE(ThingId());
  EXPECT_EQ(ThingId().bits, 0U);
}

TEST(Id, GivesBackWhatItIsMadeOf) {
  const ThingId id(5, 70'000, 0xdeadbeef);
  EXPECT_EQ(id.worker(), 5U);
  EXPECT_EQ(id.slot(), 70'000U);
  EXPECT_EQ(id.generation(), 0xdeadbeefU);
  EXPECT_TRUE(id);
}

TEST(Id, LargestPartsDoNotTouchEachOther) {
  constexpr auto kLastSlot = static_cast<std::uint32_t>(ThingId::kMaxSlots - 1);
  const ThingId slot(0, kLastSlot, 0);
  EXPECT_EQ(slot.worker(), 0U);
  EXPECT_EQ(slot.slot(), kLastSlot);
  EXPECT_EQ(slot.generation(), 0U);

  const ThingId generation(0, 0, UINT32_MAX);
  EXPECT_EQ(generation.worker(), 0U);
  EXPECT_EQ(generation.slot(), 0U);
  EXPECT_EQ(generation.generation(), UINT32_MAX);

  const ThingId worker(63, 0, 0);
  EXPECT_EQ(worker.worker(), 63U);
  EXPECT_EQ(worker.slot(), 0U);
  EXPECT_EQ(worker.generation(), 0U);
}

TEST(Id, SurvivesTheWayThroughItsBits) {
  const ThingId id(3, 17, 99);
  EXPECT_EQ(ThingId(id.bits), id);
}

TEST(Id, DiffersInEveryPart) {
  const ThingId id(1, 2, 3);
  EXPECT_NE(id, ThingId(2, 2, 3));
  EXPECT_NE(id, ThingId(1, 3, 3));
  EXPECT_NE(id, ThingId(1, 2, 4));
}

TEST(Id, KindsDoNotMix) {
  using OtherId = Id<struct OtherTag>;
  static_assert(!std::is_convertible_v<OtherId, ThingId>);
  static_assert(!std::is_convertible_v<std::uint64_t, ThingId>);
  static_assert(!std::is_convertible_v<ThingId, bool>);
}

}  // namespace
}  // namespace opensips::base
