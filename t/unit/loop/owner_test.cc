#include "loop/owner.hh"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace opensips::loop {
namespace {

TEST(Owners, OneWorkerOwnsEverything) {
  const Owners owners(1);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(owners.owner_of("call-" + std::to_string(i)), 0U);
  EXPECT_EQ(owners.owner_of(""), 0U);
}

TEST(Owners, CallAlwaysHasTheSameOwner) {
  const Owners owners(4);
  for (int i = 0; i < 100; ++i) {
    const auto call = "call-" + std::to_string(i);
    const auto owner = owners.owner_of(call);
    EXPECT_LT(owner, owners.workers());
    EXPECT_EQ(owners.owner_of(std::string(call)), owner);
  }
}

TEST(Owners, CallsAreSpreadOverAllWorkers) {
  const Owners owners(4);
  std::vector<int> calls(4);
  for (int i = 0; i < 4000; ++i) ++calls[owners.owner_of(std::to_string(i))];
  for (const int count : calls) {  // 1000 each; 200 away is 7 standard deviations
    EXPECT_GT(count, 800);
    EXPECT_LT(count, 1200);
  }
}

TEST(Owners, NobodyCanTellTheOwnerBeforehand) {
  const Owners first(64), second(64);
  int same = 0;
  for (int i = 0; i < 640; ++i) {
    same += first.owner_of(std::to_string(i)) == second.owner_of(std::to_string(i));
  }
  EXPECT_LT(same, 100);  // 10 by chance
}

}  // namespace
}  // namespace opensips::loop
