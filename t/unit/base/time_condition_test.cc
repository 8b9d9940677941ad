#include "base/time_condition.hh"

#include <gtest/gtest.h>

#include <random>

namespace opensips::base {
namespace {

constexpr std::int64_t kNow = 1'591'357'895;  // Friday, 2020-06-05T11:51:35 UTC
const std::string kYes = "UTC|20200605T115135|20200605T115136";
const std::string kNo = "UTC|20200605T115135|20200605T115135";

bool holds(const std::string& text) {
  TimeZones zones;
  const auto condition = TimeCondition::parse(text, zones);
  EXPECT_TRUE(condition) << text << ": " << (condition ? "" : condition.error().message);
  return condition && condition->holds(kNow);
}

std::string error_of(const std::string& text) {
  TimeZones zones;
  const auto condition = TimeCondition::parse(text, zones);
  if (condition) return "none";
  return std::to_string(condition.error().offset) + ": " + condition.error().message;
}

TEST(TimeCondition, IsARecurrence) {
  EXPECT_TRUE(holds(kYes));
  EXPECT_FALSE(holds(kNo));
  EXPECT_TRUE(holds("  " + kYes + "\t"));
}

TEST(TimeCondition, JoinsWithOr) {
  EXPECT_FALSE(holds(kNo + "/" + kNo));
  EXPECT_TRUE(holds(kYes + "/" + kNo));
  EXPECT_TRUE(holds(kNo + " / " + kYes));
  EXPECT_TRUE(holds(kNo + "/" + kNo + "/" + kNo + "/" + kYes));
}

TEST(TimeCondition, JoinsWithAnd) {
  EXPECT_TRUE(holds(kYes + "&" + kYes));
  EXPECT_FALSE(holds(kYes + " & " + kNo));
  EXPECT_FALSE(holds(kNo + "&" + kYes));
  EXPECT_FALSE(holds(kYes + "&" + kYes + "&" + kNo + "&" + kYes));
}

TEST(TimeCondition, Negates) {
  EXPECT_TRUE(holds("!" + kNo));
  EXPECT_FALSE(holds("! !" + kNo));
  EXPECT_FALSE(holds("!" + kYes));
  EXPECT_TRUE(holds("!(" + kNo + ")"));
  EXPECT_TRUE(holds("(!" + kNo + ")"));
  EXPECT_FALSE(holds("!(" + kYes + ") / !(" + kYes + ")"));
  EXPECT_TRUE(holds("!(" + kYes + " & " + kNo + ")"));
}

TEST(TimeCondition, GroupsWithParentheses) {
  EXPECT_FALSE(holds("(" + kYes + "/" + kNo + ") &" + kNo));
  EXPECT_TRUE(holds(kYes + "/ (" + kNo + "&" + kNo + ")"));
  EXPECT_TRUE(holds(kYes + "/ (((" + kYes + "/" + kNo + ")&" + kNo + ") &" + kNo + ")"));
  EXPECT_FALSE(holds("(" + kYes + "/ ((" + kYes + "/" + kNo + ")&" + kNo + ")) &" + kNo));
}

TEST(TimeCondition, TellsTheSlashOfATimeZoneFromAnOperator) {
  EXPECT_TRUE(holds("Europe/Berlin|20200605T135135|20200605T135136"));
  EXPECT_TRUE(holds(kNo + "/Europe/Berlin|20200605T135135|20200605T135136"));
  EXPECT_FALSE(holds("!Europe/Bucharest|20190723T070000||PT8H|WEEKLY|||MO,TU,WE,TH,FR"));
}

TEST(TimeCondition, SaysWhatIsWrongAndWhere) {
  const std::string or_first = kYes + "/" + kYes;
  EXPECT_EQ(error_of(""), "0: expected a time recurrence, ! or (");
  EXPECT_EQ(error_of("!"), "1: expected a time recurrence, ! or (");
  EXPECT_EQ(error_of("()"), "1: expected a time recurrence, ! or (");
  EXPECT_EQ(error_of(kYes + "/"), "36: expected a time recurrence, ! or (");
  EXPECT_EQ(error_of("(" + kYes), "36: expected )");
  EXPECT_EQ(error_of(kYes + ")"), "35: expected the end, & or /");
  EXPECT_EQ(error_of(kYes + " " + kNo), "36: expected the end, & or /");
  EXPECT_EQ(error_of(or_first + "&" + kYes),
            "71: & and / need parentheses to tell which comes first");
  EXPECT_EQ(error_of(kYes + " & foobar"),
            "38: dtstart is not a date and time, expected as 20250131T235959");
  EXPECT_EQ(error_of(kYes + std::string("\0", 1)),
            "20: dtend is not a date and time, expected as 20250131T235959");
  EXPECT_EQ(error_of(kYes + " " + std::string("\0", 1)), "36: expected the end, & or /");
  EXPECT_EQ(error_of(std::string(33, '(')), "32: too many parentheses within each other");
}

TEST(TimeCondition, ReadsAnyText) {
  const std::string seed = "!(" + kYes + " & (" + kNo + "/!Europe/Berlin||||daily)) / " + kNo;
  std::mt19937 random(6);
  TimeZones zones;
  for (int i = 0; i < 20'000; ++i) {
    std::string text = seed;
    for (unsigned n = 1 + random() % 5; n > 0; --n) {
      const std::size_t at = random() % text.size();
      switch (random() % 3) {
        case 0: text.erase(at, 1 + random() % 6); break;
        case 1: text.insert(at, 1, "!()&/| "[random() % 7]); break;
        default: text.insert(at, text.substr(random() % text.size(), random() % 20));
      }
      if (text.empty()) text = "!";
    }
    if (const auto condition = TimeCondition::parse(text, zones)) {
      condition->holds(kNow);
    } else {
      EXPECT_LE(condition.error().offset, text.size());
    }
  }
}

}  // namespace
}  // namespace opensips::base
