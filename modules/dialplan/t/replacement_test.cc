#include "dialplan/replacement.hh"

#include <gtest/gtest.h>

namespace opensips::dialplan {
namespace {

constexpr base::Regex::Groups kGroups{"0049301", "00", "49", "301", "", "", "", "", "", "nine"};

std::string expanded(std::string_view text, std::optional<unsigned> groups = 9) {
  const auto replacement = Replacement::parse(text, groups);
  if (!replacement) return "error";
  EXPECT_EQ(replacement->size(kGroups), replacement->expand(kGroups).size());
  return replacement->expand(kGroups);
}

std::string error_of(std::string_view text, std::optional<unsigned> groups = 9) {
  const auto replacement = Replacement::parse(text, groups);
  if (replacement) return "none";
  return std::to_string(replacement.error().offset) + ": " + replacement.error().message;
}

TEST(Replacement, IsTextWithGroups) {
  EXPECT_EQ(expanded("DE"), "DE");
  EXPECT_EQ(expanded("+\\2\\3"), "+49301");
  EXPECT_EQ(expanded("\\0"), "0049301");
  EXPECT_EQ(expanded("a\\1b\\9c"), "a00bninec");
  EXPECT_EQ(expanded("\\10"), "000") << "one digit";
  EXPECT_EQ(expanded("\\4"), "");
}

TEST(Replacement, KnowsEscapedCharacters) {
  EXPECT_EQ(expanded("\\\\1"), "\\1");
  EXPECT_EQ(expanded("\\t\\n\\r"), "\t\n\r");
  EXPECT_EQ(expanded("$$1\\$"), "$1$");
}

TEST(Replacement, RefersOnlyToGroupsThatAre) {
  EXPECT_EQ(expanded("\\2", 2), "49");
  EXPECT_EQ(expanded("x", std::nullopt), "x");
  EXPECT_EQ(error_of("a\\3", 2), "1: \\3 refers to a group that subst_exp has not, it has 2");
  EXPECT_EQ(error_of("\\0", std::nullopt), "0: \\0 refers to a subst_exp, and there is none");
}

TEST(Replacement, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(error_of("a\\x"), "1: expected \\0 to \\9, \\\\, \\$, \\n, \\r or \\t");
  EXPECT_EQ(error_of("a\\"), "1: expected \\0 to \\9, \\\\, \\$, \\n, \\r or \\t");
  EXPECT_EQ(error_of("49$rU"), "2: variables are for the script; a dollar is written $$");
}

}  // namespace
}  // namespace opensips::dialplan
