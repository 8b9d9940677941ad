#include "ctl/words.hh"

#include <gtest/gtest.h>

namespace opensips::ctl {
namespace {

using Json = nlohmann::ordered_json;
using Words = std::vector<std::string>;

TEST(Words, are_separated_by_blanks) {
  EXPECT_EQ(split("  ul_rm location\ta@b "), (Words{"ul_rm", "location", "a@b"}));
  EXPECT_EQ(split(""), Words{});
}

TEST(Words, may_have_blanks_in_quotes) {
  EXPECT_EQ(split(R"(a "b c" 'd "e' f'g h'i "")"), (Words{"a", "b c", "d \"e", "fg hi", ""}));
  EXPECT_FALSE(split("a 'b"));
}

TEST(Params, are_values_or_names_with_values) {
  EXPECT_EQ(params_of(Words{}), Json::array());
  EXPECT_EQ(params_of(Words{"location", "a@b"}), Json::array({"location", "a@b"}));
  EXPECT_EQ(params_of(Words{"level=4", "x="}), Json({{"level", "4"}, {"x", ""}}));
  EXPECT_FALSE(params_of(Words{"level=4", "x"}));
}

TEST(Params, are_no_names_in_a_uri) {
  const Words words{"sip:a@b;transport=tcp", "=x", "a.b=c"};
  EXPECT_EQ(params_of(words), Json(words));
}

TEST(Params, may_be_lists) {
  EXPECT_EQ(params_of(Words{"statistics=[\"tm:\", 1]"}), Json({{"statistics", {"tm:", 1}}}));
  EXPECT_EQ(params_of(Words{"[::1]:5060"}), Json::array({"[::1]:5060"}));
}

}  // namespace
}  // namespace opensips::ctl
