#include "lp_routing/lua/small_blocks.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

namespace opensips::routing::lua {
namespace {

/// A block that is filled with a letter, and whether it still is.
void fill(void* block, std::size_t size, char letter) {
  std::memset(block, letter, size);
}
bool is_filled(const void* block, std::size_t size, char letter) {
  return std::string(static_cast<const char*>(block), size) == std::string(size, letter);
}

TEST(SmallBlocks, OfAllSizesAreApart) {
  SmallBlocks blocks;
  std::vector<void*> taken;
  for (std::size_t size = 1; size <= 600; ++size) {
    taken.push_back(blocks.take(size));
    fill(taken.back(), size, static_cast<char>('a' + size % 26));
  }
  for (std::size_t size = 1; size <= 600; ++size) {
    EXPECT_TRUE(is_filled(taken[size - 1], size, static_cast<char>('a' + size % 26))) << size;
    blocks.give(taken[size - 1], size);
  }
}

TEST(SmallBlocks, KeepWhatIsInThemWhenTheirSizeChanges) {
  SmallBlocks blocks;
  for (const std::size_t from : {1U, 16U, 17U, 200U, 256U, 257U, 1000U}) {
    for (const std::size_t to : {1U, 15U, 16U, 250U, 256U, 257U, 5000U}) {
      void* block = blocks.take(from);
      fill(block, from, 'x');
      block = blocks.resize(block, from, to);
      EXPECT_TRUE(is_filled(block, std::min(from, to), 'x')) << from << " to " << to;
      fill(block, to, 'y');
      blocks.give(block, to);
    }
  }
}

#ifndef __SANITIZE_ADDRESS__
TEST(SmallBlocks, ThatWereGivenBackLastAreTakenFirst) {
  SmallBlocks blocks;
  void* const one = blocks.take(40);
  void* const other = blocks.take(48);  // of the same class
  blocks.give(one, 40);
  blocks.give(other, 48);
  EXPECT_EQ(blocks.take(33), other);
  EXPECT_EQ(blocks.take(48), one);
  blocks.give(one, 48);
  blocks.give(other, 33);
}
#endif

}  // namespace
}  // namespace opensips::routing::lua
