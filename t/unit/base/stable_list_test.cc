#include "base/stable_list.hh"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

namespace opensips::base {
namespace {

TEST(StableList, ElementsStayWhereTheyAre) {
  StableList<int, 3> list;
  EXPECT_EQ(list.push_back(std::make_unique<int>(7)), 0U);
  const int* const first = &list[0];
  EXPECT_EQ(list.push_back(std::make_unique<int>(8)), 1U);
  EXPECT_FALSE(list.full());
  EXPECT_EQ(list.push_back(std::make_unique<int>(9)), 2U);
  EXPECT_TRUE(list.full());
  EXPECT_EQ(&list[0], first);
  EXPECT_EQ(list[0] + list[1] + list[2], 24);
}

TEST(StableList, AReaderSeesWholeElementsWhileOthersAreAdded) {
  constexpr std::size_t kMany = 4096;
  StableList<std::size_t, kMany> list;
  std::jthread writer([&] {
    for (std::size_t i = 0; i < kMany; ++i) list.push_back(std::make_unique<std::size_t>(i));
  });
  for (std::size_t seen = 0; seen < kMany;) {
    seen = list.size();
    for (std::size_t i = 0; i < seen; ++i) ASSERT_EQ(list[i], i);
  }
}

}  // namespace
}  // namespace opensips::base
