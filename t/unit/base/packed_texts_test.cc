#include "base/packed_texts.hh"

#include <gtest/gtest.h>

#include <string>

namespace opensips::base {
namespace {

using Texts = PackedTexts<3>;

TEST(PackedTexts, AreEmptyUntilTheyAreSet) {
  const Texts texts;
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(texts.at(i), "");
  EXPECT_EQ(texts.size(), 0u);
}

TEST(PackedTexts, TakeNoMoreThanTheyAre) {
  const Texts texts({"one", "", "three"});
  EXPECT_EQ(texts.at(0), "one");
  EXPECT_EQ(texts.at(1), "");
  EXPECT_EQ(texts.at(2), "three");
  EXPECT_EQ(texts.size(), 8u);
}

TEST(PackedTexts, ChangeOneAndKeepTheOthers) {
  Texts texts({"one", "two", "three"});
  texts.set(1, std::string(100, 'x'));
  EXPECT_EQ(texts.at(0), "one");
  EXPECT_EQ(texts.at(1), std::string(100, 'x'));
  EXPECT_EQ(texts.at(2), "three");
  texts.set(2, texts.at(0));  // one of their own
  EXPECT_EQ(texts.at(2), "one");
  texts.set(1, "");
  EXPECT_EQ(texts.size(), 6u);
}

}  // namespace
}  // namespace opensips::base
