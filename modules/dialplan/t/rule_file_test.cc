#include "dialplan/rule_file.hh"

#include <gtest/gtest.h>

#include <random>

#include "dialplan/t/support.hh"

namespace opensips::dialplan {
namespace {

using testing::matching;
using testing::output;

constexpr std::string_view kHead =
    "id(int,auto) dpid(int) pr(int) match_op(int) match_exp(string) match_flags(int) "
    "subst_exp(string) repl_exp(string) timerec(string) disabled(int) attrs(string) \n";

RuleSet parsed(std::string_view rows) {
  auto rules = parse_rules("rules", std::string(kHead).append(rows));
  EXPECT_TRUE(rules) << (rules ? "" : rules.error().text());
  return rules ? std::move(*rules) : RuleSet();
}

/// All that is wrong, a line for each.
std::string errors(std::string_view text) {
  const auto rules = parse_rules("rules", text);
  return rules ? "none" : rules.error().text();
}
std::string row_errors(std::string_view rows) {
  return errors(std::string(kHead).append(rows));
}

TEST(RuleFile, IsATableOfDbText) {
  const RuleSet rules = parsed(
      "1:1:10:1:^\\\\+49(.*)$:0:^\\\\+49(.*)$:0\\\\1::0:german\n"
      "2:1:20:0:112:0:::::emergency\n"
      "\n"
      "3:2:0:1:^x\\:y:1::::0:");
  EXPECT_EQ(rules.rule_count(), 3U);
  EXPECT_EQ(rules.plan_count(), 2U);
  EXPECT_EQ(output(rules, "+4930"), "030");
  EXPECT_EQ(output(rules, "112"), "112");
  EXPECT_EQ(translate(rules, 1, "112", 0).rule->attrs, "emergency");
  EXPECT_EQ(translate(rules, 2, "X:Y", 0).rule->line, 5U);
}

TEST(RuleFile, MayHaveItsColumnsInAnyOrder) {
  const auto rules =
      parse_rules("rules",
                  "attrs(string) disabled(int) timerec(string) repl_exp(string) subst_exp(string) "
                  "match_flags(int) match_exp(str) match_op(int) pr(int) dpid(int) id(int,auto)\r\n"
                  "a:0::DE::1:germany:0:0:1:7\r\n");
  ASSERT_TRUE(rules) << rules.error().text();
  EXPECT_EQ(output(*rules, "Germany"), "DE");
}

TEST(RuleFile, MayBeEmptyButForItsHead) {
  EXPECT_EQ(parsed("").rule_count(), 0U);
}

TEST(RuleFile, LeavesOutDisabledRulesWhateverTheyAre) {
  EXPECT_EQ(parsed("1:1:0:1:((((:0:::nonsense:1:\n2:1:0:0:1:0::::0:\n").rule_count(), 1U);
}

TEST(RuleFile, TakesNullForTheDefaultsOfTheTable) {
  const RuleSet rules = parsed(":1::0:1::::::\n");
  EXPECT_EQ(matching(rules, "1"), 0) << "the id is 0";
  ASSERT_TRUE(rules.plan(1));
  EXPECT_EQ(rules.plan(1)->rules()[0].priority, 0);
}

TEST(RuleFile, SaysWhatIsWrongWithItsColumns) {
  EXPECT_EQ(errors(""), "rules:1:1: expected the names of the columns, as id(int,auto)\n");
  EXPECT_EQ(
      errors("id(int,auto) dpid(int) pr(int) match_op(int) match_exp(string) match_flags(int) "
             "subst_exp(string) repl_exp(string) timrec(string) id(int) attrs(int) \n"),
      "rules:1:116: the table dialplan has no column 'timrec', did you mean timerec?\n"
      "rules:1:131: column id stands here twice\n"
      "rules:1:139: column attrs has to be string\n"
      "rules:1:150: column timerec is missing\n"
      "rules:1:150: column disabled is missing\n");
}

TEST(RuleFile, SaysAllThatIsWrongWithItsRows) {
  EXPECT_EQ(row_errors("1:x:0:1:^\\\\+49(:0::::0:\n"
                       "1:1:0:2:^\\\\+49(:3:[:\\\\1:UTC|x:2:\n"
                       "1:1:0:1:^\\\\+49(:0:^(a:\\\\1:UTC|20200101T000000||8:0:\n"
                       "1:1\n"
                       "1:1:0:0:a:0::::0::x\n"
                       "1:1:0:0::0::::0:\n"
                       "1:99999999999:0::a\\+:0::\\\\1::0:\n"
                       "1::0::a:0::\\\\1::0:\n"),
            "rules:2:3: dpid is 'x', expected an integer of 32 bits\n"
            "rules:3:7: match_op is 2, expected 0 (equal) or 1 (regex)\n"
            "rules:3:17: match_flags is 3, expected 0 or 1 (ignore case)\n"
            "rules:3:20: missing terminating ] for character class\n"
            "rules:3:29: dtstart is not a date and time, expected as 20250131T235959\n"
            "rules:3:31: disabled is 2, expected 0 or 1\n"
            "rules:4:16: missing closing parenthesis\n"
            "rules:4:22: missing closing parenthesis\n"
            "rules:4:48: expected a duration as PT8H, 1H30M or P2DT12H\n"
            "rules:5:4: 2 values, expected 11\n"
            "rules:6:19: 12 values, expected 11\n"
            "rules:7:9: match_exp is missing\n"
            "rules:8:3: dpid is '99999999999', expected an integer of 32 bits\n"
            "rules:8:19: expected \\\\, \\:, \\n, \\r, \\t or \\0; a backslash is written \\\\\n"
            "rules:9:3: dpid is missing\n"
            "rules:9:6: match_op is missing, expected 0 (equal) or 1 (regex)\n"
            "rules:9:12: \\1 refers to a subst_exp, and there is none\n");
}

TEST(RuleFile, CountsColumnsInCharacters) {
  EXPECT_EQ(row_errors("1:1:0:1:^\xC3\xA4\xC3\xB6(:0::::0:\n"),
            "rules:2:13: missing closing parenthesis\n");
}

TEST(RuleFile, HasABoundOnWhatItSays) {
  std::string rows;
  for (int i = 0; i < 5'000; ++i) rows += "1:x:0:0:a:0::::0:\n";
  const auto rules = parse_rules("rules", std::string(kHead) + rows);
  ASSERT_FALSE(rules);
  EXPECT_EQ(rules.error().count, 5'000U);
  EXPECT_EQ(rules.error().list.size(), 1'000U);
}

TEST(RuleFile, SaysThatItCannotBeRead) {
  const auto rules = load_rules("nowhere/rules");
  ASSERT_FALSE(rules);
  EXPECT_EQ(rules.error().text(), "nowhere/rules: No such file or directory\n");
}

TEST(RuleFile, ReadsAnyBytes) {
  const std::string seed = std::string(kHead) +
                           "1:1:10:1:^\\\\+49(.*)$:0:^\\\\+49(.*)$:0\\\\1:UTC|20200101T000000||8H|"
                           "daily:0:german\n2:1:20:0:112:1:::::emergency\n3:1:0:1:^(a|b)+\\:c:1:"
                           "(x)(y)?:$$\\\\2::1:\n";
  constexpr std::string_view kSpice = ":\\\n\r()[]{}|^$*+?.0129\0\xC3 ";
  std::mt19937 random(11);
  for (int i = 0; i < 10'000; ++i) {
    std::string text = seed;
    for (unsigned n = 1 + random() % 6; n > 0 && !text.empty(); --n) {
      const std::size_t at = random() % text.size();
      switch (random() % 4) {
        case 0: text.erase(at, random() % 12); break;
        case 1: text.insert(at, 1, kSpice[random() % kSpice.size()]); break;
        case 2: text.insert(at, text.substr(random() % text.size(), random() % 40)); break;
        default: text[at] = static_cast<char>(random());
      }
    }
    const auto rules = parse_rules("rules", text);
    if (rules) {
      for (const char* input : {"+4930", "112", "", "aab:c"}) translate(*rules, 1, input, 0);
      continue;
    }
    EXPECT_GT(rules.error().count, 0U);
    for (const auto& error : rules.error().list) EXPECT_GT(error.at.column, 0U);
  }
}

}  // namespace
}  // namespace opensips::dialplan
