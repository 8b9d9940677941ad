#include "base/block_vector.hh"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "base/sanitizer.hh"

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

TEST(BlockVector, TakesTheMemoryThatTheLastOneGaveBack) {
  if (kAddressSanitizer) GTEST_SKIP() << "every block is malloc's own";
  const void* first = nullptr;
  {
    BlockVector<int> numbers(8);
    first = numbers.data();
  }
  const BlockVector<int> numbers(30);  // malloc would have another place for it
  EXPECT_EQ(numbers.data(), first);
}

}  // namespace
}  // namespace opensips::base
