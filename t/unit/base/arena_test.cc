#include "base/arena.hh"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <vector>

namespace opensips::base {
namespace {

class ArenaTest : public ::testing::Test {
 protected:
  bool is_first(const void* at) const {
    return at >= first.data() && at < first.data() + first.size();
  }
  alignas(std::max_align_t) std::array<char, 256> first{};
  Arena arena{first.data(), first.size()};
};

TEST_F(ArenaTest, UsesTheCallersMemoryFirst) {
  EXPECT_TRUE(is_first(arena.allocate(200)));
  EXPECT_FALSE(is_first(arena.allocate(200)));
}

TEST_F(ArenaTest, TakesTheLastByteOfItsMemory) {
  EXPECT_TRUE(is_first(arena.text(first.size())));
  EXPECT_FALSE(is_first(arena.text(1)));
}

TEST_F(ArenaTest, AlignsWhatIsAskedFor) {
  for (const std::size_t align : {1U, 2U, 8U, 16U, 64U, 512U}) {
    static_cast<void>(arena.text(1));  // so that the next is not aligned by chance
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(arena.allocate(10, align)) % align, 0U) << align;
  }
}

TEST_F(ArenaTest, WorksWithoutFirstMemory) {
  Arena bare(nullptr, 0);
  EXPECT_EQ(bare.copy("text"), "text");
  EXPECT_EQ(bare.copy(""), "");
  EXPECT_EQ(bare.concat({}), "");
}

TEST_F(ArenaTest, CopiesAndJoinsText) {
  std::string text = "some text";
  const auto copy = arena.copy(text);
  text.assign(text.size(), 'x');
  EXPECT_EQ(copy, "some text");
  EXPECT_EQ(arena.concat({"a", "", "bc", {}, "d"}), "abcd");
  EXPECT_EQ(arena.concat({"", ""}), "");
}

TEST_F(ArenaTest, GivesBackTheEndOfATextThatWasTooLong) {
  char* const text = arena.text(100);
  arena.trim(text + 10);
  EXPECT_EQ(arena.text(1), text + 10);
}

TEST_F(ArenaTest, GivesBackTheEndOfATextInABlockOfItsOwn) {
  char* const text = arena.text(10'000);
  arena.trim(text + 5);
  EXPECT_EQ(arena.text(1), text + 5);
}

TEST_F(ArenaTest, MakesObjectsWithTheirMembersSet) {
  struct Pair {
    int a;
    double b;
  };
  const auto* pair = arena.make<Pair>(1, 2.5);
  EXPECT_EQ(pair->a, 1);
  EXPECT_EQ(pair->b, 2.5);
}

TEST_F(ArenaTest, NothingOverlapsOverRandomSizes) {
  constexpr unsigned kSeed = 7;
  std::mt19937 random(kSeed);
  std::vector<std::pair<char*, std::size_t>> all;
  for (int i = 0; i < 500; ++i) {
    const std::size_t size = random() % 10 == 0 ? random() % 9000 : random() % 100;
    char* const text = arena.text(size);
    std::memset(text, i & 127, size);
    all.emplace_back(text, size);
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto [text, size] = all[i];
    EXPECT_EQ(std::string(text, size), std::string(size, static_cast<char>(i & 127))) << i;
  }
}

}  // namespace
}  // namespace opensips::base
