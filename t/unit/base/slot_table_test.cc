#include "base/slot_table.hh"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>

namespace opensips::base {
namespace {

using Texts = SlotTable<std::string, struct TextTag>;

TEST(SlotTable, FindsWhatItMade) {
  Texts table(3);
  const auto [id, text] = table.emplace("one");
  EXPECT_EQ(id.worker(), 3U);
  EXPECT_EQ(table.find(id), text);
  EXPECT_EQ(*text, "one");
  EXPECT_EQ(table.size(), 1U);
}

TEST(SlotTable, NoneAndIdsOfOthersFindNothing) {
  Texts table(1);
  const auto id = table.emplace("one").first;
  EXPECT_EQ(table.find({}), nullptr);
  EXPECT_EQ(table.find(Texts::IdType(2, id.slot(), id.generation())), nullptr);
  EXPECT_EQ(table.find(Texts::IdType(1, id.slot() + 1, id.generation())), nullptr);
  EXPECT_EQ(table.find(Texts::IdType(1, Texts::IdType::kMaxSlots - 1, id.generation())), nullptr);
  EXPECT_EQ(table.find(Texts::IdType(1, id.slot(), id.generation() + 1)), nullptr);
  EXPECT_EQ(table.find(Texts::IdType(UINT64_MAX)), nullptr);
  EXPECT_FALSE(table.erase({}));
}

TEST(SlotTable, EmptyTableFindsNothing) {
  const Texts table(0);
  EXPECT_EQ(table.find(Texts::IdType(0, 0, 1)), nullptr);
  EXPECT_EQ(table.size(), 0U);
}

TEST(SlotTable, OldIdFindsNothingWhenItsSlotIsUsedAgain) {
  Texts table(0);
  const auto old = table.emplace("old").first;
  EXPECT_TRUE(table.erase(old));
  const auto next = table.emplace("next").first;
  EXPECT_EQ(next.slot(), old.slot());
  EXPECT_NE(next, old);
  EXPECT_EQ(table.find(old), nullptr);
  EXPECT_FALSE(table.erase(old));
  EXPECT_EQ(*table.find(next), "next");
}

TEST(SlotTable, GenerationsBeginWithTheSeedAndAreNeverZero) {
  Texts seeded(0, 0x1234);
  EXPECT_EQ(seeded.emplace("").first.generation() | 1U, 0x1235U);
  Texts zero(0, 0);
  EXPECT_NE(zero.emplace("").first.generation(), 0U);

  Texts last(0, UINT32_MAX);
  const auto id = last.emplace("").first;
  EXPECT_EQ(id.generation(), UINT32_MAX);
  EXPECT_TRUE(last.erase(id));
  EXPECT_EQ(last.emplace("").first.generation(), 1U);
}

TEST(SlotTable, AddressesStayWhenItGrows) {
  Texts table(0);
  std::map<std::uint64_t, std::string*> made;
  for (int i = 0; i < 1000; ++i) {
    const auto [id, text] = table.emplace(std::to_string(i));
    made[id.bits] = text;
  }
  EXPECT_EQ(made.size(), 1000U);
  for (const auto& [bits, text] : made) EXPECT_EQ(table.find(Texts::IdType(bits)), text);
}

struct Named {
  Named(Id<Named> self, int number) : id(self), value(number) {}
  Id<Named> id;
  int value;
};

TEST(SlotTable, TellsAnObjectItsOwnIdIfItWantsToKnow) {
  SlotTable<Named> table(2);
  const auto [id, object] = table.emplace(7);
  EXPECT_EQ(object->id, id);
  EXPECT_EQ(object->value, 7);
}

struct OnEnd {
  explicit OnEnd(std::function<void()> what) : run(std::move(what)) {}
  ~OnEnd() { run(); }
  std::function<void()> run;
};

TEST(SlotTable, ObjectIsNotFoundFromItsOwnDestructor) {
  SlotTable<OnEnd> table(0);
  Id<OnEnd> id;
  int ended = 0;
  id = table
           .emplace([&] {
             ++ended;
             EXPECT_EQ(table.find(id), nullptr);
             EXPECT_FALSE(table.erase(id));
             EXPECT_EQ(table.size(), 0U);
           })
           .first;
  EXPECT_TRUE(table.erase(id));
  EXPECT_EQ(ended, 1);
}

TEST(SlotTable, DestructorMayMakeAnother) {
  SlotTable<OnEnd> table(0);
  Id<OnEnd> second;
  const auto first = table.emplace([&] { second = table.emplace([] {}).first; }).first;
  EXPECT_TRUE(table.erase(first));
  EXPECT_NE(table.find(second), nullptr);
  EXPECT_EQ(table.size(), 1U);
}

TEST(SlotTable, EndsWhatIsLeftWithItself) {
  int ended = 0;
  {
    SlotTable<OnEnd> table(0);
    for (int i = 0; i < 300; ++i) table.emplace([&] { ++ended; });
  }
  EXPECT_EQ(ended, 300);
}

TEST(SlotTable, VisitsAllAndTheVisitorMayErase) {
  Texts table(0);
  std::set<std::string> left;
  for (int i = 0; i < 200; ++i) left.insert(*table.emplace(std::to_string(i)).second);
  table.for_each([&](Texts::IdType id, std::string& text) {
    EXPECT_EQ(left.erase(text), 1U);
    EXPECT_TRUE(table.erase(id));
  });
  EXPECT_TRUE(left.empty());
  EXPECT_EQ(table.size(), 0U);
}

struct alignas(64) Wide {
  char bytes[65];
};

TEST(SlotTable, KeepsTheAlignment) {
  SlotTable<Wide> table(0);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(table.emplace().second) % alignof(Wide), 0U);
  }
}

TEST(SlotTable, IsVisitedAFewPlacesAtATime) {
  SlotTable<int> table(0);
  std::set<int> expected, seen;
  for (int i = 0; i < 1000; ++i) {
    const auto id = table.emplace(i).first;
    if (i % 3 == 0) {
      table.erase(id);
    } else {
      expected.insert(i);
    }
  }
  std::uint32_t place = 0;
  unsigned pieces = 0;
  do {
    place = table.visit(place, 100, [&](auto, int& value) { seen.insert(value); });
    ++pieces;
  } while (place != 0);
  EXPECT_EQ(seen, expected);
  EXPECT_GT(pieces, 5u);
  EXPECT_EQ(table.visit(1'000'000, 100, [](auto, int&) { FAIL(); }), 0u);
}

TEST(SlotTable, AgreesWithAMapOverRandomSteps) {
  constexpr unsigned kSeed = 20240;
  std::mt19937 random(kSeed);
  SlotTable<std::uint32_t> table(0);
  std::map<std::uint64_t, std::uint32_t> expected;
  std::vector<std::uint64_t> ended;
  for (int step = 0; step < 20'000; ++step) {
    if (random() % 2) {
      const std::uint32_t value = random();
      expected[table.emplace(value).first.bits] = value;
    } else if (!expected.empty()) {
      auto at = expected.lower_bound(expected.begin()->first + random() % 500 * (1ULL << 32));
      if (at == expected.end()) at = expected.begin();
      ASSERT_EQ(*table.find(Id<std::uint32_t>(at->first)), at->second);
      ASSERT_TRUE(table.erase(Id<std::uint32_t>(at->first)));
      ended.push_back(at->first);
      expected.erase(at);
    }
    ASSERT_EQ(table.size(), expected.size());
  }
  for (const auto bits : ended) EXPECT_EQ(table.find(Id<std::uint32_t>(bits)), nullptr);
}

}  // namespace
}  // namespace opensips::base
