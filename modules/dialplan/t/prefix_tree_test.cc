#include "dialplan/prefix_tree.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace opensips::dialplan {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Lists of numbers, one for each prefix that something is filed under.
std::vector<std::vector<std::uint32_t>> found(const PrefixTree& tree, std::string_view text) {
  std::vector<std::vector<std::uint32_t>> lists;
  tree.find(text, [&lists](std::span<const std::uint32_t> numbers) {
    lists.emplace_back(numbers.begin(), numbers.end());
  });
  return lists;
}

TEST(PrefixTree, GivesWhatIsFiledUnderTheBeginningsOfAText) {
  const PrefixTree tree({{"49", 4}, {"4930", 2}, {"", 7}, {"43", 1}, {"49", 3}, {"493012", 9}});
  EXPECT_THAT(found(tree, "49301"), ElementsAre(ElementsAre(7), ElementsAre(3, 4), ElementsAre(2)));
  EXPECT_THAT(found(tree, "43"), ElementsAre(ElementsAre(7), ElementsAre(1)));
  EXPECT_THAT(found(tree, "4"), ElementsAre(ElementsAre(7)));
  EXPECT_THAT(found(tree, ""), ElementsAre(ElementsAre(7)));
}

TEST(PrefixTree, FilesNothingTwice) {
  EXPECT_THAT(found(PrefixTree({{"1", 5}, {"1", 5}}), "1"), ElementsAre(ElementsAre(5)));
}

TEST(PrefixTree, MayBeEmpty) {
  EXPECT_THAT(found(PrefixTree(), "1"), IsEmpty());
}

TEST(PrefixTree, TakesAnyBytes) {
  const std::string nul("\0\xff", 2);
  EXPECT_THAT(found(PrefixTree({{nul, 1}}), nul + "x"), ElementsAre(ElementsAre(1)));
}

TEST(PrefixTree, FindsWhatComparingAllFinds) {
  std::mt19937 random(3);
  const auto text = [&random](std::size_t most) {
    std::string out;
    for (auto size = random() % (most + 1); size > 0; --size) out += "123"[random() % 3];
    return out;
  };
  for (int round = 0; round < 300; ++round) {
    std::vector<PrefixTree::Item> items;
    for (std::uint32_t i = 0; i < random() % 60; ++i) items.push_back({text(6), i});
    const PrefixTree tree(items);
    for (int i = 0; i < 50; ++i) {
      const std::string input = text(8);
      std::vector<std::uint32_t> expected;
      for (const auto& item : items) {
        if (input.starts_with(item.prefix)) expected.push_back(item.number);
      }
      std::vector<std::uint32_t> seen;
      for (const auto& list : found(tree, input)) seen.insert(seen.end(), list.begin(), list.end());
      EXPECT_THAT(seen, ::testing::UnorderedElementsAreArray(expected));
    }
  }
}

}  // namespace
}  // namespace opensips::dialplan
