#include "base/blocks.hh"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include "base/sanitizer.hh"

namespace opensips::base {
namespace {

TEST(Blocks, EverySizeIsThereToBeWritten) {
  for (const std::size_t size : {0U, 1U, 255U, 256U, 257U, 4095U, 4096U, 4097U, 100'000U}) {
    void* const block = take_block(size);
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % alignof(std::max_align_t), 0U) << size;
    std::memset(block, 0xaa, size);
    give_block(block);
  }
}

TEST(Blocks, AllTheRoomOfABlockIsThereToBeWritten) {
  for (const std::size_t size : {0U, 1U, 128U, 129U, 2000U, 4095U, 4096U, 4097U, 100'000U}) {
    const std::size_t room = block_room(size);
    EXPECT_GE(room, size);
    void* const block = take_block(size);
    std::memset(block, 0xaa, room);
    give_block(block);
    void* const other = take_block(room);
    if (!kAddressSanitizer && size <= 4096) {
      EXPECT_EQ(other, block) << size;  // of the same class
    }
    std::memset(other, 0xbb, room);
    give_block(other);
  }
}

TEST(Blocks, GivingBackNothingIsHarmless) {
  give_block(nullptr);
}

TEST(Blocks, BlocksInUseAreDifferentOnes) {
  constexpr unsigned kSeed = 11;
  std::mt19937 random(kSeed);
  std::vector<std::pair<unsigned char*, std::size_t>> held;
  for (int step = 0; step < 5000; ++step) {
    if (held.size() < 200 && random() % 2) {
      const std::size_t size = 1 + random() % 5000;
      auto* const block = static_cast<unsigned char*>(take_block(size));
      std::memset(block, static_cast<int>(size & 255), size);
      held.emplace_back(block, size);
    } else if (!held.empty()) {
      const std::size_t i = random() % held.size();
      const auto [block, size] = held[i];
      ASSERT_EQ(block[0], size & 255);
      ASSERT_EQ(block[size - 1], size & 255);
      give_block(block);
      held[i] = held.back();
      held.pop_back();
    }
  }
  for (const auto& one : held) give_block(one.first);
}

TEST(Blocks, AnyThreadMayGiveABlockBack) {
  std::vector<void*> blocks;
  std::thread([&] {
    for (int i = 0; i < 300; ++i) blocks.push_back(take_block(512));
  }).join();
  std::thread([&] {
    for (void* block : blocks) give_block(block);
    for (int i = 0; i < 300; ++i) give_block(take_block(512));
  }).join();
}

}  // namespace
}  // namespace opensips::base
