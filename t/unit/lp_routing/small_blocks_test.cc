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
  for (std::size_t size = 1; size <= 1500; ++size) {
    taken.push_back(blocks.take(size));
    fill(taken.back(), size, static_cast<char>('a' + size % 26));
  }
  for (std::size_t size = 1; size <= 1500; ++size) {
    EXPECT_TRUE(is_filled(taken[size - 1], size, static_cast<char>('a' + size % 26))) << size;
    blocks.give(taken[size - 1], size);
  }
}

TEST(SmallBlocks, KeepWhatIsInThemWhenTheirSizeChanges) {
  SmallBlocks blocks;
  for (const std::size_t from : {1U, 16U, 17U, 200U, 256U, 257U, 1000U, 1024U, 1025U}) {
    for (const std::size_t to : {1U, 15U, 16U, 250U, 256U, 257U, 1024U, 1025U, 5000U}) {
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

TEST(SmallBlocks, AreKeptOfTheSizeOfASmallStack) {
  SmallBlocks blocks;
  void* const stack = blocks.take(1024);
  blocks.give(stack, 1024);
  EXPECT_EQ(blocks.kept(), 1024U);
  EXPECT_EQ(blocks.take(1010), stack);
  blocks.give(stack, 1010);
}

std::vector<void*> take(SmallBlocks& blocks, std::size_t size, std::size_t count) {
  std::vector<void*> taken(count);
  for (void*& block : taken) block = blocks.take(size);
  return taken;
}
void give(SmallBlocks& blocks, std::size_t size, const std::vector<void*>& taken) {
  for (void* const block : taken) blocks.give(block, size);
}

TEST(SmallBlocks, OfOneSizeLeaveRoomForTheOthers) {
  constexpr std::size_t kSize = 48, kKept = SmallBlocks::kMostOfOneSize / kSize;
  SmallBlocks blocks;
  auto given = take(blocks, kSize, SmallBlocks::kMostKept / kSize + 1);
  give(blocks, kSize, given);
  ASSERT_EQ(blocks.kept(), kKept * kSize);

  void* const other = blocks.take(100);
  blocks.give(other, 100);
  EXPECT_EQ(blocks.take(100), other);
  EXPECT_EQ(blocks.kept(), kKept * kSize);

  given.resize(kKept);  // what came when there were enough is gone
  std::ranges::reverse(given);
  EXPECT_EQ(take(blocks, kSize, kKept), given);
  EXPECT_EQ(blocks.kept(), 0U);
  give(blocks, kSize, given);
  EXPECT_EQ(blocks.kept(), kKept * kSize);
  blocks.give(other, 100);
}

TEST(SmallBlocks, OfAllSizesAreKeptUpToALimit) {
  SmallBlocks blocks;
  std::vector<std::vector<void*>> taken;
  const auto take_all = [&] {
    taken.clear();
    for (std::size_t size = 16; size <= 256; size += 16) {
      taken.push_back(take(blocks, size, SmallBlocks::kMostOfOneSize / size));
    }
  };
  const auto give_all = [&] {
    for (std::size_t i = 0; i < taken.size(); ++i) give(blocks, 16 * (i + 1), taken[i]);
  };
  take_all();
  give_all();
  const auto kept = blocks.kept();
  EXPECT_LE(kept, SmallBlocks::kMostKept);
  EXPECT_GT(kept, SmallBlocks::kMostKept - 256);
  take_all();
  EXPECT_EQ(blocks.kept(), 0U);
  give_all();
  EXPECT_EQ(blocks.kept(), kept);
}
#endif

}  // namespace
}  // namespace opensips::routing::lua
