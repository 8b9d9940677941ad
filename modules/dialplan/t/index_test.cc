#include "dialplan/index.hh"

#include <random>

#include "dialplan/t/support.hh"

namespace opensips::dialplan {
namespace {

using testing::matching;
using testing::matching_by_scan;
using testing::Row;
using testing::rules_of;

TEST(Index, GivesTheFirstRuleInOrderOfPriorityWhateverItsKind) {
  const RuleSet rules = rules_of({{.id = 1, .pr = 5, .match_exp = "^49"},
                                  {.id = 2, .pr = 3, .match_exp = "30"},
                                  {.id = 3, .pr = 4, .regex = false, .match_exp = "4930"},
                                  {.id = 4, .pr = 1, .match_exp = "^4930$", .ignore_case = true},
                                  {.id = 5, .pr = 2, .match_exp = "^(43|49)3"}});
  EXPECT_EQ(matching(rules, "4930"), 4);
  EXPECT_EQ(matching(rules, "49301"), 5);
  EXPECT_EQ(matching(rules, "4830"), 2);
  EXPECT_EQ(matching(rules, "4911"), 1);
  EXPECT_EQ(matching(rules, "5911"), 0);
}

TEST(Index, GivesOfEqualPrioritiesTheSmallestId) {
  const RuleSet rules = rules_of({{.id = 9, .match_exp = "^49"},
                                  {.id = 3, .match_exp = "^4"},
                                  {.id = 5, .regex = false, .match_exp = "49"}});
  EXPECT_EQ(matching(rules, "49"), 3);
}

TEST(Index, CountsTheRulesItCannotFile) {
  const RuleSet rules = rules_of({{.id = 1, .match_exp = "^49"},
                                  {.id = 2, .match_exp = "49$"},
                                  {.id = 3, .match_exp = ".*"},
                                  {.id = 4, .regex = false, .match_exp = "49"}});
  EXPECT_EQ(rules.plan(1)->index().unindexed(), 2U);
}

TEST(Candidates, AreFewOfManyRules) {
  std::vector<Row> rows;
  for (int i = 0; i < 10'000; ++i) {
    rows.push_back({.id = i + 1, .match_exp = "^" + std::to_string(100'000 + i) + "\\d+$"});
  }
  const RuleSet rules = rules_of(rows);
  Candidates candidates(rules.plan(1)->index(), "1001234");
  EXPECT_EQ(candidates.next(), 123U);
  EXPECT_EQ(candidates.next(), std::nullopt);
}

/// Expressions and inputs over few characters, so that they often meet; with all that the reading
/// of prefixes knows, and much that it does not.
class RandomDialplan {
 public:
  explicit RandomDialplan(unsigned seed) : random_(seed) {}

  std::vector<Row> rows() {
    std::vector<Row> rows;
    const unsigned count = 1 + pick(40);
    for (unsigned i = 0; i < count; ++i) {
      rows.push_back({.id = static_cast<int>(i) + 1,
                      .pr = static_cast<int>(pick(6)),
                      .regex = pick(5) != 0,
                      .match_exp = {},
                      .ignore_case = pick(3) == 0});
      Row& row = rows.back();
      row.match_exp = row.regex ? expression() : input();
      while (!base::Regex::compile(row.match_exp, row.ignore_case) || row.match_exp.empty()) {
        row.match_exp = row.regex ? expression() : "1";
      }
    }
    return rows;
  }

  std::string input() {
    std::string text;
    for (unsigned i = pick(7); i > 0; --i) text += character();
    return text;
  }

 private:
  unsigned pick(unsigned count) { return static_cast<unsigned>(random_() % count); }

  char character() { return std::string_view("1122aAbB+\n\0|", 12)[pick(12)]; }

  std::string atom(unsigned depth) {
    static constexpr std::string_view kAtoms[] = {
        "1",         "2",       "a",       "B",           "\\+",    ".",    "\\d",   "[12]",
        "[^1]",      "[a-b]",   "[AB]",    "[\\d]",       "[1-]",   "[]1]", "$",     "^",
        "\\b",       "\\w",     "\\D",     "\\x31",       "\\Q1|",  "\\E",  "(?=1)", "(?!2)",
        "(?i)",      "(?-i)",   "(?x)",    "(?#c)",       "(?i:a)", "\\1",  "1",     "2",
        "{",         "}",       "(?:",     "[[:digit:]]", " ",      "#",    "\\K",   "(?m)",
        "(*ACCEPT)", "(?<n>1)", "(?>1|2)", "(?|1|2)",     "\\A",    "\\z",  "-"};
    const unsigned kind = pick(8);
    if (kind == 0 && depth < 3) return "(" + alternatives(depth + 1) + ")";
    if (kind == 1 && depth < 3) return "(?:" + alternatives(depth + 1) + ")";
    if (kind < 5) return std::string(1, "12ab"[pick(4)]);
    return std::string(kAtoms[pick(std::size(kAtoms))]);
  }

  std::string quantifier() {
    static constexpr std::string_view kQuantifiers[] = {
        "?", "*", "+", "{2}", "{1,2}", "{0}", "{1,}", "??", "*+", "{0,1}", "{,2}", "+?", "{2}{2}"};
    return std::string(kQuantifiers[pick(std::size(kQuantifiers))]);
  }

  /// Most expressions are anchored, some in a group that may have to be there or not.
  std::string anchor(unsigned depth) {
    switch (pick(depth == 0 ? 8 : 40)) {
      case 0: return "";
      case 1: return "^" + quantifier();
      case 2: {
        const std::string group = "(" + alternatives(depth) + ")";
        return group + (pick(3) == 0 ? "(?#c)" : "") + (pick(2) == 0 ? quantifier() : "");
      }
      case 3:
      case 4:
      case 5:
      case 6:
      case 7: return "^";
      default: return "";
    }
  }

  std::string sequence(unsigned depth) {
    std::string text = anchor(depth);
    for (unsigned i = pick(5); i > 0; --i) {
      text += atom(depth);
      if (pick(4) == 0) text += quantifier();
    }
    return text;
  }

  std::string alternatives(unsigned depth) {
    std::string text = sequence(depth);
    while (pick(3) == 0) text += "|" + sequence(depth);
    return text;
  }

  std::string expression() { return alternatives(0); }

  std::mt19937 random_;
};

TEST(Index, FindsWhatTryingAllRulesFinds) {
  int found = 0;
  int indexed = 0;
  for (unsigned seed = 0; seed < 3'000; ++seed) {
    RandomDialplan random(seed);
    const std::vector<Row> rows = random.rows();
    const RuleSet rules = rules_of(rows);
    indexed += rules.plan(1)->index().unindexed() < rows.size() ? 1 : 0;
    for (int i = 0; i < 60; ++i) {
      const std::string input = random.input();
      const int expected = matching_by_scan(rules, input);
      ASSERT_EQ(matching(rules, input), expected)
          << "seed " << seed << ", input '" << input << "', rule "
          << (expected > 0 ? rows[static_cast<std::size_t>(expected) - 1].match_exp : "none");
      found += expected != 0 ? 1 : 0;
    }
  }
  EXPECT_GT(found, 30'000);
  EXPECT_GT(indexed, 2'000);
}

}  // namespace
}  // namespace opensips::dialplan
