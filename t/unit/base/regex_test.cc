#include "base/regex.hh"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace opensips::base {
namespace {

using Outcome = Regex::Outcome;

Regex compiled(std::string_view text, bool ignore_case = false) {
  auto pattern = Regex::compile(text, ignore_case);
  EXPECT_TRUE(pattern) << text;
  return std::move(*pattern);
}

TEST(Regex, MatchesAnywhereUnlessItIsAnchored) {
  EXPECT_EQ(compiled("30").match("4930"), Outcome::yes);
  EXPECT_EQ(compiled("^30").match("4930"), Outcome::no);
  EXPECT_EQ(compiled("^$").match(""), Outcome::yes);
  EXPECT_EQ(compiled("a.c").match(std::string_view("a\0c", 3)), Outcome::yes);
}

TEST(Regex, IgnoresCaseIfAsked) {
  EXPECT_EQ(compiled("^alice$").match("ALICE"), Outcome::no);
  EXPECT_EQ(compiled("^alice$", true).match("ALICE"), Outcome::yes);
}

TEST(Regex, GivesItsGroups) {
  Regex::Groups groups;
  ASSERT_EQ(compiled("^(00|\\+)(\\d\\d)?(x)?(\\d+)$").match("+301", groups), Outcome::yes);
  EXPECT_EQ(groups[0], "+301");
  EXPECT_EQ(groups[1], "+");
  EXPECT_EQ(groups[2], "30");
  EXPECT_EQ(groups[3], "") << "took no part";
  EXPECT_EQ(groups[4], "1");
  EXPECT_EQ(groups[5], "") << "there is none";
}

TEST(Regex, GivesNoMoreThanNineGroups) {
  const Regex pattern = compiled("(1)(2)(3)(4)(5)(6)(7)(8)(9)(a)(b)");
  EXPECT_EQ(pattern.group_count(), 11U);
  Regex::Groups groups;
  ASSERT_EQ(pattern.match("123456789ab", groups), Outcome::yes);
  EXPECT_EQ(groups[9], "9");
}

TEST(Regex, SaysWhatIsWrongAndWhere) {
  const auto wrong = Regex::compile("^49(30", false);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().offset, 6U);
  EXPECT_EQ(wrong.error().message, "missing closing parenthesis");
  EXPECT_EQ(Regex::compile("^49[9-0]", false).error().message,
            "range out of order in character class");
  EXPECT_FALSE(Regex::compile(std::string(Regex::kMaxText + 1, '1'), false));
  EXPECT_FALSE(Regex::compile("((1{1000}){1000}){1000}", false));
  EXPECT_FALSE(Regex::compile(std::string(2000, '(') + std::string(2000, ')'), false));
}

TEST(Regex, GivesUpOnWhatCostsTooMuch) {
  const std::string subject = std::string(200, 'a') + "!";
  for (const char* text : {"^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "(.*)(.*)(.*)(.*)[xy]"}) {
    Regex pattern = compiled(text);
    EXPECT_EQ(pattern.match(subject), Outcome::limit) << text;
    pattern.optimize();
    Regex::Groups groups;
    EXPECT_EQ(pattern.match(subject), Outcome::limit) << text;
    EXPECT_EQ(pattern.match(subject, groups), Outcome::limit) << text;
    EXPECT_NE(pattern.match("a", groups), Outcome::limit) << text;
  }
}

TEST(Regex, RecursionHasAnEnd) {
  Regex pattern = compiled("^(1(?1)?2)$");
  const std::string subject = std::string(500, '1') + std::string(500, '2');
  EXPECT_NE(pattern.match(subject), Outcome::no);
  pattern.optimize();
  EXPECT_NE(pattern.match(subject), Outcome::no);
}

TEST(Regex, MatchesTheSameOnceItIsOptimized) {
  Regex pattern = compiled("^(00|\\+)49(\\d{2,5})$");
  pattern.optimize();
  Regex::Groups groups;
  ASSERT_EQ(pattern.match("0049301", groups), Outcome::yes);
  EXPECT_EQ(groups[2], "301");
  EXPECT_EQ(pattern.match("00491"), Outcome::no);
}

TEST(Regex, IsSharedByThreads) {
  Regex pattern = compiled("^(\\d+)-(\\d+)$");
  pattern.optimize();
  std::vector<std::jthread> threads;
  std::atomic<int> wrong = 0;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&pattern, &wrong, thread] {
      for (int i = 0; i < 5'000; ++i) {
        const std::string first = std::to_string(i * 4 + thread);
        const std::string subject = first + "-1";
        Regex::Groups groups;
        if (pattern.match(subject, groups) != Outcome::yes || groups[1] != first) ++wrong;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace opensips::base
