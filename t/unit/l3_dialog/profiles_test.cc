#include "l3_dialog/profiles.hh"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace opensips::dialog {
namespace {

using Outcome = Profiles::Outcome;

TEST(Profiles, CountByNameAndByValue) {
  Profiles profiles(1000);
  EXPECT_EQ(profiles.add("calls", "alice"), Outcome::granted);
  EXPECT_EQ(profiles.add("calls", "alice"), Outcome::granted);
  EXPECT_EQ(profiles.add("calls", "bob"), Outcome::granted);
  EXPECT_EQ(profiles.add("inbound", ""), Outcome::granted);
  EXPECT_EQ(profiles.size("calls"), 3u);
  EXPECT_EQ(profiles.size("calls", "alice"), 2u);
  EXPECT_EQ(profiles.size("calls", "carol"), 0u);
  EXPECT_EQ(profiles.size("inbound"), 1u);
  profiles.subtract("calls", "alice");
  EXPECT_EQ(profiles.size("calls"), 2u);
  EXPECT_EQ(profiles.size("calls", "alice"), 1u);
}

TEST(Profiles, ListTheirValuesInOrder) {
  Profiles profiles(1000);
  for (const char* const value : {"b", "a", "b"}) profiles.add("calls", value);
  profiles.add("callsigns", "c");
  const auto values = profiles.values("calls");
  ASSERT_EQ(values.size(), 2u);
  EXPECT_EQ(values[0].value, "a");
  EXPECT_EQ(values[1].value, "b");
  EXPECT_EQ(values[1].dialogs, 2u);
}

TEST(Profiles, ALimitHoldsAndCountsNothingBeyond) {
  Profiles profiles(1000);
  EXPECT_EQ(profiles.add("calls", "alice", 1), Outcome::granted);
  EXPECT_EQ(profiles.add("calls", "alice", 1), Outcome::limited);
  EXPECT_EQ(profiles.size("calls"), 1u);
  EXPECT_EQ(profiles.add("calls", "bob", 1), Outcome::granted);
}

TEST(Profiles, ALimitHoldsWhoeverElseCounts) {
  constexpr std::uint64_t kLimit = 500;
  Profiles profiles(1000);
  std::atomic<unsigned> granted = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 1000; ++n) {
          if (profiles.add("calls", "x", kLimit) == Outcome::granted) ++granted;
        }
      });
    }
  }
  EXPECT_EQ(granted, kLimit);
  EXPECT_EQ(profiles.size("calls"), kLimit);
}

}  // namespace
}  // namespace opensips::dialog
