#include "base/block_vector.hh"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace opensips::base {
namespace {

TEST(BlockVector, GrowsAndKeepsWhatIsInIt) {
  BlockVector<std::string> texts;
  for (int i = 0; i < 1000; ++i) texts.push_back(std::to_string(i));  // larger than a kept block
  BlockVector<std::string> copy = texts;
  const BlockVector<std::string> moved = std::move(texts);
  copy.pop_back();
  for (std::size_t i = 0; i < 1000; ++i) EXPECT_EQ(moved[i], std::to_string(i));
  EXPECT_EQ(copy.size(), 999U);
}

#ifndef __SANITIZE_ADDRESS__
TEST(BlockVector, TakesTheMemoryThatTheLastOneGaveBack) {
  const void* first = nullptr;
  {
    BlockVector<int> numbers(8);
    first = numbers.data();
  }
  const BlockVector<int> numbers(8);
  EXPECT_EQ(numbers.data(), first);
}
#endif

}  // namespace
}  // namespace opensips::base
