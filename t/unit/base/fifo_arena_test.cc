#include "base/fifo_arena.hh"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <deque>
#include <random>

namespace opensips::base {
namespace {

TEST(FifoArena, IsEmptyAtFirstAndAgain) {
  FifoArena arena;
  EXPECT_EQ(arena.front(), nullptr);
  void* const piece = arena.push_back(10);
  EXPECT_EQ(arena.front(), piece);
  arena.pop_front();
  EXPECT_EQ(arena.front(), nullptr);
  arena.for_each([](void*) { ADD_FAILURE(); });
}

TEST(FifoArena, PiecesKeepTheirPlaceTheirContentAndTheirOrder) {
  struct Piece {
    unsigned char* at;
    std::size_t size;
    unsigned char content;
  };
  FifoArena arena;
  std::deque<Piece> model;
  std::mt19937 random(1);
  for (int step = 0; step < 20'000; ++step) {
    if (model.empty() || random() % 100 < 55) {
      const std::size_t size = random() % 100 == 0 ? random() % 200'000 : random() % 300;
      auto* const at = static_cast<unsigned char*>(arena.push_back(size));
      ASSERT_EQ(reinterpret_cast<std::uintptr_t>(at) % 8, 0U);
      model.push_back({at, size, static_cast<unsigned char>(step)});
      std::memset(at, model.back().content, size);
    } else {
      const Piece& oldest = model.front();
      ASSERT_EQ(arena.front(), oldest.at);
      for (std::size_t i = 0; i < oldest.size; ++i) ASSERT_EQ(oldest.at[i], oldest.content);
      arena.pop_front();
      model.pop_front();
    }
  }
  arena.for_each([&](void* piece) {
    ASSERT_EQ(piece, model.front().at);
    model.pop_front();
  });
  EXPECT_TRUE(model.empty());
}

}  // namespace
}  // namespace opensips::base
