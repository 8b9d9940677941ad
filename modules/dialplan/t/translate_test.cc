#include "dialplan/translate.hh"

#include "dialplan/t/support.hh"

namespace opensips::dialplan {
namespace {

using testing::errors_of;
using testing::kNow;
using testing::matching;
using testing::output;
using testing::Row;
using testing::rules_of;

TEST(Translate, ReplacesWhatSubstExpMatchedByReplExp) {
  const RuleSet rules = rules_of({{.match_exp = "^(0040|\\+40|0|40)21[0-9]+",
                                   .subst_exp = "^(0040|\\+40|0|40)(.+)",
                                   .repl_exp = "40\\2",
                                   .attrs = "bucharest"}});
  for (const char* input : {"0040213", "+40213", "0213", "40213"}) {
    EXPECT_EQ(output(rules, input), "40213") << input;
  }
  EXPECT_EQ(translate(rules, 1, "0213", kNow).rule->attrs, "bucharest");
  EXPECT_EQ(translate(rules, 1, "0313", kNow).verdict, Verdict::no_rule);
}

/// The output is repl_exp and nothing else, as with OpenSIPS.
TEST(Translate, DropsWhatSubstExpDidNotMatch) {
  EXPECT_EQ(output(rules_of({{.match_exp = "^00", .subst_exp = "^00", .repl_exp = "+"}}), "0049"),
            "+");
}

TEST(Translate, WithoutReplExpLeavesTheInput) {
  EXPECT_EQ(output(rules_of({{.match_exp = "^021", .attrs = "x"}}), "0211"), "0211");
  EXPECT_EQ(output(rules_of({{.match_exp = "^021", .subst_exp = "^9"}}), "0211"), "0211");
}

TEST(Translate, WithoutSubstExpGivesReplExp) {
  const RuleSet rules = rules_of(
      {{.match_exp = "^((Germany)|(Deutschland)|(DE))", .ignore_case = true, .repl_exp = "DE"},
       {.id = 2, .regex = false, .match_exp = "SIP server", .repl_exp = "OpenSIPS"}});
  EXPECT_EQ(output(rules, "deutschland"), "DE");
  EXPECT_EQ(output(rules, "SIP server"), "OpenSIPS");
  EXPECT_EQ(output(rules, "sip server"), std::nullopt);
}

TEST(Translate, FailsWhenSubstExpDoesNotMatch) {
  const RuleSet rules =
      rules_of({{.id = 4, .match_exp = "^0", .subst_exp = "^9(.)", .repl_exp = "\\1"},
                {.id = 5, .match_exp = "^0"}});
  const Translation result = translate(rules, 1, "01", kNow);
  EXPECT_EQ(result.verdict, Verdict::no_substitution);
  ASSERT_TRUE(result.rule);
  EXPECT_EQ(result.rule->id, 4);
}

TEST(Translate, ComparesEqualTextsWithOrWithoutCase) {
  const RuleSet rules =
      rules_of({{.id = 1, .regex = false, .match_exp = "Alice"},
                {.id = 2, .pr = 1, .regex = false, .match_exp = "aLICE", .ignore_case = true}});
  EXPECT_EQ(matching(rules, "Alice"), 1);
  EXPECT_EQ(matching(rules, "alice"), 2);
  EXPECT_EQ(matching(rules, "alic"), 0);
  EXPECT_EQ(matching(rules, "alice "), 0);
}

TEST(Translate, IgnoresDisabledRules) {
  EXPECT_EQ(matching(rules_of({{.id = 1, .match_exp = "1", .disabled = true},
                               {.id = 2, .pr = 9, .match_exp = "1"}}),
                     "1"),
            2);
}

TEST(Translate, KeepsDpidsApart) {
  const RuleSet rules = rules_of({{.id = 1, .match_exp = "1", .repl_exp = "a"},
                                  {.id = 2, .match_exp = "1", .repl_exp = "b", .dpid = -2}});
  EXPECT_EQ(translate(rules, 1, "1", kNow).output, "a");
  EXPECT_EQ(translate(rules, -2, "1", kNow).output, "b");
  EXPECT_EQ(translate(rules, 3, "1", kNow).verdict, Verdict::no_dpid);
}

TEST(Translate, UsesRulesInTheirTimeOnly) {
  const RuleSet rules =
      rules_of({{.id = 1, .match_exp = "1", .timerec = "UTC|20200605T115135|20200605T115136"},
                {.id = 2, .regex = false, .match_exp = "1", .timerec = "UTC|20200605T115135"},
                {.id = 3, .match_exp = "1"}});
  EXPECT_EQ(matching(rules, "1", kNow - 1), 3);
  EXPECT_EQ(matching(rules, "1", kNow), 1);
  EXPECT_EQ(matching(rules, "1", kNow + 1), 2);
}

TEST(Translate, RefusesWhatIsTooLong) {
  const RuleSet rules =
      rules_of({{.match_exp = ".", .subst_exp = "(.*)", .repl_exp = "\\1\\1\\1\\1\\1"}});
  EXPECT_EQ(translate(rules, 1, std::string(kMaxInput + 1, '1'), kNow).verdict, Verdict::too_long);
  EXPECT_EQ(translate(rules, 1, std::string(kMaxInput, '1'), kNow).verdict, Verdict::too_long);
  EXPECT_EQ(output(rules, std::string(800, '1')), std::string(4000, '1'));
}

TEST(Translate, PassesOverARuleThatCostsTooMuch) {
  const RuleSet rules = rules_of({{.id = 1, .match_exp = "^(a+)+$"}, {.id = 2, .match_exp = "a"}});
  const Translation result = translate(rules, 1, std::string(200, 'a') + "!", kNow);
  ASSERT_TRUE(result.rule);
  EXPECT_EQ(result.rule->id, 2);
  EXPECT_EQ(result.limits, 1U);
  EXPECT_FALSE(rules.plan(1)->rules()[0].limit_told.first()) << "said once";
  EXPECT_TRUE(rules.plan(1)->rules()[1].limit_told.first());
}

TEST(Translate, GivesUpWhenManyRulesCostTooMuch) {
  std::vector<Row> rows;
  for (int i = 0; i < 100; ++i)
    rows.push_back({.id = i, .match_exp = "^(a+)+[x" + std::to_string(i) + "]$"});
  const Translation result = translate(rules_of(rows), 1, std::string(200, 'a') + "!", kNow);
  EXPECT_EQ(result.verdict, Verdict::too_costly);
  EXPECT_EQ(result.limits, kMaxLimits);
}

TEST(Translate, CountsASubstExpThatCostsTooMuch) {
  const RuleSet rules = rules_of({{.match_exp = "a", .subst_exp = "^(a+)+$", .repl_exp = "\\1"}});
  const Translation result = translate(rules, 1, std::string(200, 'a') + "!", kNow);
  EXPECT_EQ(result.verdict, Verdict::no_substitution);
  EXPECT_EQ(result.limits, 1U);
}

TEST(RuleBuilder, SaysAllThatIsWrongWithARow) {
  EXPECT_EQ(errors_of({.match_exp = "^(", .subst_exp = "a", .repl_exp = "\\1", .timerec = "x"}),
            (std::vector<std::string>{
                "match_exp at 2: missing closing parenthesis",
                "repl_exp at 0: \\1 refers to a group that subst_exp has not, it has 0",
                "timerec at 0: dtstart is not a date and time, expected as 20250131T235959"}));
}

TEST(RuleBuilder, CompilesEqualExpressionsOnce) {
  const RuleSet rules =
      rules_of({{.id = 1, .match_exp = "^1(.*)", .subst_exp = "^1(.*)", .repl_exp = "\\1"},
                {.id = 2, .match_exp = "^1(.*)"},
                {.id = 3, .match_exp = "^1(.*)", .ignore_case = true}});
  const auto list = rules.plan(1)->rules();
  EXPECT_EQ(list[0].match, list[0].subst);
  EXPECT_EQ(list[0].match, list[1].match);
  EXPECT_NE(list[0].match, list[2].match);
}

}  // namespace
}  // namespace opensips::dialplan
