#include "script_test/answers.hh"

#include <gtest/gtest.h>

namespace opensips::script_test {
namespace {

class AnswersTest : public ::testing::Test {
 protected:
  static storage::Outcome one_row(const std::string& text) {
    return storage::Rows{.columns = {"name"}, .rows = {{text}}};
  }
  std::string ask(const std::string& text, std::vector<std::string> values = {}) {
    const auto found =
        answers.find({.service = Service::sql, .text = text, .values = std::move(values)});
    if (!found) return "nothing";
    return std::get<std::string>(std::get<storage::Outcome>(found->reply)->rows[0][0]);
  }

  Journal journal;
  Answers answers{journal};
};

TEST_F(AnswersTest, StarsStandForAnythingBlanksAreOneAndCaseFolds) {
  EXPECT_TRUE(matches("select * from t", "SELECT a, b\n   FROM t"));
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("GET http://host/*/x", "GET http://host/a/x/x"));
  EXPECT_TRUE(matches("a*b*c", "aXbXbc"));
  EXPECT_FALSE(matches("a*b", "aXc"));
  EXPECT_FALSE(matches("", "x"));
  EXPECT_FALSE(matches("SELECT 1", "SELECT 10"));
}

TEST_F(AnswersTest, TheLastThatFitsIsGiven) {
  answers.add({.pattern = "SELECT *", .reply = one_row("first")});
  answers.add({.pattern = "SELECT a*", .reply = one_row("second")});
  EXPECT_EQ(ask("SELECT a"), "second");
  EXPECT_EQ(ask("SELECT b"), "first");
  EXPECT_EQ(ask("UPDATE t"), "nothing");
}

TEST_F(AnswersTest, ValuesHaveToBeThose) {
  answers.add({.pattern = "SELECT ?", .values = {{"alice"}}, .reply = one_row("hers")});
  EXPECT_EQ(ask("SELECT ?", {"alice"}), "hers");
  EXPECT_EQ(ask("SELECT ?", {"bob"}), "nothing");
  EXPECT_EQ(ask("SELECT ?", {"alice", "bob"}), "nothing");
}

TEST_F(AnswersTest, OnceIsOnce) {
  answers.add({.pattern = "SELECT 1", .reply = one_row("always")});
  const auto number = answers.add({.pattern = "SELECT 1", .reply = one_row("once"), .once = true});
  EXPECT_EQ(ask("SELECT 1"), "once");
  EXPECT_EQ(ask("SELECT 1"), "always");
  answers.change(number, [](const Answer& one) { EXPECT_EQ(one.asked.size(), 1U); });
}

TEST_F(AnswersTest, WhatNothingAnswersIsToldOnce) {
  answers.nothing_for({.service = Service::http, .text = "GET http://host/"});
  EXPECT_EQ(answers.take_unanswered(), std::vector<std::string>{"http GET http://host/"});
  EXPECT_TRUE(answers.take_unanswered().empty());
}

}  // namespace
}  // namespace opensips::script_test
