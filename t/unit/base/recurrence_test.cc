#include "base/recurrence.hh"

#include <gtest/gtest.h>

#include <random>

namespace opensips::base {
namespace {

constexpr std::int64_t kDay = LocalTime::kDay;
constexpr std::int64_t kNow = 1'591'357'895;  // Friday, 2020-06-05T11:51:35 UTC

bool covers(std::string_view text, std::int64_t time = kNow) {
  TimeZones zones;
  const auto recurrence = Recurrence::parse(text, zones);
  EXPECT_TRUE(recurrence) << text << ": " << (recurrence ? "" : recurrence.error().message);
  return recurrence && recurrence->covers(time);
}

/// "offset: message" of a text that is wrong.
std::string error_of(std::string_view text) {
  TimeZones zones;
  const auto recurrence = Recurrence::parse(text, zones);
  if (recurrence) return "none";
  return std::to_string(recurrence.error().offset) + ": " + recurrence.error().message;
}

TEST(Recurrence, IsASpanThatBeginsInclusivelyAndEndsExclusively) {
  EXPECT_TRUE(covers("UTC|20200605T115135|20200605T230000"));
  EXPECT_FALSE(covers("UTC|20200605T115136|20200605T230000"));
  EXPECT_FALSE(covers("UTC|20200101T000000|20200605T115135"));
  EXPECT_TRUE(covers("UTC|20200101T000000|20200605T115136"));
}

TEST(Recurrence, NeedsNoEndAndNoBeginning) {
  EXPECT_TRUE(covers("UTC|20200605T115135"));
  EXPECT_FALSE(covers("UTC|20200605T115136"));
  EXPECT_TRUE(covers("UTC||20200605T115136"));
  EXPECT_FALSE(covers("UTC||20200605T115135"));
  EXPECT_TRUE(covers("UTC"));
  EXPECT_TRUE(covers(""));
}

TEST(Recurrence, TakesADurationForTheEnd) {
  EXPECT_TRUE(covers("UTC|20200605T110000||PT1H"));
  EXPECT_FALSE(covers("UTC|20200605T100000||1H"));
  EXPECT_TRUE(covers("UTC|20200605T110000||51m36s"));
  EXPECT_FALSE(covers("UTC|20200605T110000||51M35S"));
  EXPECT_TRUE(covers("UTC|20200601T000000||P4DT12H"));
  EXPECT_TRUE(covers("UTC|20200530T000000||p1w"));
}

TEST(Recurrence, CountsInTheTimeZoneItNames) {
  EXPECT_TRUE(covers("Europe/Bucharest|20200605T145135|20200605T230000"));
  EXPECT_FALSE(covers("Europe/Bucharest|20200605T145136|20200605T230000"));
  EXPECT_TRUE(covers("Pacific/Auckland|20200605T235135|20200605T235960"));
  EXPECT_TRUE(covers("Pacific/Auckland|20200605T235135|20200605T240000"));
  EXPECT_TRUE(covers("America/Chihuahua|20200605T050000|20200605T060000||DAILY"));
  EXPECT_FALSE(covers("America/Chihuahua|20200605T060000|20200605T070000||DAILY"));
  EXPECT_TRUE(covers("UTC+12|19700101T000000|||YEARLY|||||156"));
  EXPECT_TRUE(covers("UTC-13|19700101T000000|||YEARLY|||||158"));
}

TEST(Recurrence, MayLeaveTheTimeZoneOutOrEmpty) {
  EXPECT_TRUE(covers("20200101T000000|20210101T000000"));
  EXPECT_TRUE(covers("|20200101T000000|20210101T000000"));
  EXPECT_FALSE(covers("|20200101T000000|20200201T000000"));
}

TEST(Recurrence, ComesBackDaily) {
  EXPECT_FALSE(covers("Europe/Bucharest|19990101T000000|19990101T145135||DAILY"));
  EXPECT_TRUE(covers("Europe/Bucharest|19990101T000000|19990101T145136||DAILY"));
  EXPECT_FALSE(covers("Europe/Bucharest|19981231T145136|19990101T145135||daily"));
  EXPECT_TRUE(covers("Europe/Bucharest|19981231T145137|19990101T145136||DAILY"));
  EXPECT_TRUE(covers("Europe/Bucharest|19981230T235959|19990101T145135||DAILY"))
      << "a day or more is always";
}

TEST(Recurrence, ComesBackOverMidnight) {
  constexpr std::string_view kNight = "UTC|20200101T220000||8H|DAILY";
  const std::int64_t midnight = kNow / kDay * kDay;
  EXPECT_TRUE(covers(kNight, midnight));
  EXPECT_TRUE(covers(kNight, midnight + 6 * 3600 - 1));
  EXPECT_FALSE(covers(kNight, midnight + 6 * 3600));
  EXPECT_FALSE(covers(kNight, midnight + 22 * 3600 - 1));
  EXPECT_TRUE(covers(kNight, midnight + 22 * 3600));
}

TEST(Recurrence, ComesBackWeekly) {
  EXPECT_FALSE(covers("Europe/Bucharest|20200111T145134|20200111T145136||WEEKLY"));
  EXPECT_FALSE(covers("Europe/Bucharest|20200110T145136|20200117T145135||WEEKLY"));
  EXPECT_TRUE(covers("Europe/Bucharest|20200109T145136|20200116T145135||WEEKLY"));
  EXPECT_FALSE(covers("Europe/Bucharest|20200110T235959|20200112T145136||WEEKLY"));
  EXPECT_TRUE(covers("Europe/Bucharest|20200106T235959|20200110T145136||WEEKLY"));
  EXPECT_FALSE(covers("Europe/Bucharest|20200106T235959|20200110T145135||WEEKLY"));
  EXPECT_TRUE(covers("Europe/Bucharest|20200112T235959|20200118T145135||WEEKLY"));
  EXPECT_TRUE(covers("Europe/Bucharest|20200109T235959|20200117T145135||WEEKLY"));
}

TEST(Recurrence, ComesBackMonthly) {
  EXPECT_FALSE(covers("Europe/Bucharest|20200101T000000|20200105T145135||MONTHLY"));
  EXPECT_TRUE(covers("Europe/Bucharest|20200101T000000|20200105T145136||MONTHLY"));
  EXPECT_FALSE(covers("Europe/Bucharest|20200101T235959|20200104T145136||MONTHLY"));
  EXPECT_TRUE(covers("Europe/Bucharest|20200101T235959|20200106T145135||MONTHLY"));
  EXPECT_TRUE(covers("Europe/Bucharest|19981120T235959|19990101T145135||MONTHLY"));
  EXPECT_FALSE(covers("Europe/Bucharest|19981210T235959|19990101T145135||MONTHLY"));
  EXPECT_TRUE(covers("UTC|20190215T000000|20190315T000000||MONTHLY")) << "a whole month";
}

TEST(Recurrence, ComesBackYearly) {
  EXPECT_FALSE(covers("Europe/Bucharest|19990101T000000|19990606T145135||YEARLY"));
  EXPECT_TRUE(covers("Europe/Bucharest|19990101T000000|19990606T145136||YEARLY"));
  EXPECT_FALSE(covers("Europe/Bucharest|19990607T235959|20000604T145136||YEARLY"));
  EXPECT_TRUE(covers("Europe/Bucharest|19990607T235959|20000606T145135||YEARLY"));
  EXPECT_TRUE(covers("Europe/Bucharest|19971130T235959|19990101T145135||YEARLY"));
  EXPECT_FALSE(covers("Europe/Bucharest|19981101T235959|19990101T145135||YEARLY"));
}

TEST(Recurrence, WithoutAnEndLastsToTheEndOfItsUnit) {
  EXPECT_TRUE(covers("UTC|20200101T115135|||DAILY"));
  EXPECT_FALSE(covers("UTC|20200101T115136|||DAILY"));
  EXPECT_TRUE(covers("UTC|20200102T000000|||WEEKLY"));   // from Thursday on
  EXPECT_FALSE(covers("UTC|20200104T000000|||WEEKLY"));  // from Saturday on
  EXPECT_TRUE(covers("UTC|20200105T000000|||MONTHLY"));
  EXPECT_FALSE(covers("UTC|20200106T000000|||MONTHLY"));
  EXPECT_TRUE(covers("UTC||||WEEKLY"));
  EXPECT_TRUE(covers("America/New_York||||DAILY"));
}

TEST(Recurrence, EndsWithUntilInclusively) {
  EXPECT_FALSE(covers("UTC|20200101T000000|||YEARLY|20200605T115134||||157"));
  EXPECT_TRUE(covers("UTC|20200101T000000|||YEARLY|20200605T115135||||157"));
}

TEST(Recurrence, BeginsNoSoonerThanItsStart) {
  EXPECT_FALSE(covers("UTC|20200606T000000|||DAILY"));
  EXPECT_FALSE(covers("UTC|20210101T000000||24H|DAILY"));
}

TEST(Recurrence, LeavesOutUnitsByItsInterval) {
  EXPECT_TRUE(covers("UTC|20200603T000000||23H|DAILY||2"));
  EXPECT_FALSE(covers("UTC|20200604T000000||23H|DAILY||2"));
  EXPECT_TRUE(covers("UTC|20200520T000000||P5D|WEEKLY||2"));
  EXPECT_FALSE(covers("UTC|20200527T000000||P5D|WEEKLY||2"));
  EXPECT_TRUE(covers("UTC|20200304T000000||P5D|MONTHLY||3"));
  EXPECT_FALSE(covers("UTC|20200404T000000||P5D|MONTHLY||3"));
  EXPECT_TRUE(covers("UTC|20180601T000000||P9D|YEARLY||2"));
  EXPECT_FALSE(covers("UTC|20190601T000000||P9D|YEARLY||2"));
}

TEST(Recurrence, KnowsDaysOfTheWeek) {
  constexpr std::string_view kOffice =
      "Europe/Bucharest|20190723T070000||PT8H|WEEKLY|||MO,TU,WE,TH,FR";
  EXPECT_TRUE(covers(kOffice));
  EXPECT_FALSE(covers(kOffice, kNow + kDay));
  EXPECT_FALSE(covers("Europe/Bucharest|20190723T070000||PT7H|WEEKLY|||MO,TU,WE,TH,FR"));
  EXPECT_TRUE(covers("UTC|19700101T000000|||WEEKLY|||fr"));
  EXPECT_FALSE(covers("UTC|19700101T000000|||WEEKLY|||SA , SU"));
}

/// As OpenSIPS does it: the day of the call counts, not the day on which the span began.
TEST(Recurrence, CountsADayOfTheWeekFromMidnightToMidnight) {
  constexpr std::string_view kFridayNight = "UTC|20200101T220000||8H|WEEKLY|||FR";
  const std::int64_t friday = kNow / kDay * kDay;
  EXPECT_TRUE(covers(kFridayNight, friday + 3600));
  EXPECT_FALSE(covers(kFridayNight, friday + 12 * 3600));
  EXPECT_TRUE(covers(kFridayNight, friday + 23 * 3600));
  EXPECT_FALSE(covers(kFridayNight, friday + kDay + 3600));
}

TEST(Recurrence, CountsDaysOfTheWeekInTheMonth) {
  const auto monthly = [](std::string_view day, std::int64_t time) {
    return covers("UTC|19700101T000000|||MONTHLY|||" + std::string(day), time);
  };
  EXPECT_TRUE(monthly("+1FR", kNow));
  EXPECT_TRUE(monthly("FR", kNow)) << "without a number it is the first";
  EXPECT_FALSE(monthly("FR", kNow + 7 * kDay));
  EXPECT_TRUE(monthly("2FR", kNow + 7 * kDay));
  EXPECT_TRUE(monthly("-3FR", kNow + 7 * kDay));
  EXPECT_FALSE(monthly("-2FR", kNow + 7 * kDay));
  EXPECT_TRUE(monthly("-1FR", kNow + 21 * kDay));
  EXPECT_TRUE(monthly("+4FR", kNow + 21 * kDay));
  EXPECT_TRUE(monthly("-1FR", kNow - 7 * kDay));
  EXPECT_FALSE(monthly("+1TH", kNow));
}

TEST(Recurrence, CountsDaysOfTheWeekInTheYear) {
  EXPECT_TRUE(covers("UTC|19700101T000000|||YEARLY|||+23FR"));
  EXPECT_FALSE(covers("UTC|19700101T000000|||YEARLY|||+22FR,+24FR,FR"));
  EXPECT_TRUE(covers("UTC|19700101T000000|||YEARLY|||-30FR"));
  EXPECT_FALSE(covers("UTC|19700101T000000|||YEARLY|||-29FR,-31FR,-30TH"));
}

TEST(Recurrence, KnowsDaysWeeksAndMonthsFromBothEnds) {
  EXPECT_TRUE(covers("UTC|19700101T000000|||MONTHLY||||5"));
  EXPECT_TRUE(covers("UTC|19700101T000000|||MONTHLY||||-26"));
  EXPECT_FALSE(covers("UTC|19700101T000000|||MONTHLY||||4,6,-25,-27"));
  EXPECT_TRUE(covers("UTC|19700101T000000|||YEARLY|||||157"));
  EXPECT_TRUE(covers("UTC|19700101T000000|||YEARLY|||||-210"));
  EXPECT_FALSE(covers("UTC|19700101T000000|||YEARLY|||||156,158"));
  EXPECT_TRUE(covers("UTC|19700101T000000|||YEARLY||||||23"));
  EXPECT_TRUE(covers("UTC|19700101T000000|||YEARLY||||||-31"));
  EXPECT_FALSE(covers("UTC|19700101T000000|||YEARLY||||||22,24"));
  EXPECT_TRUE(covers("UTC|19700101T000000|||YEARLY|||||||6"));
  EXPECT_FALSE(covers("UTC|19700101T000000|||YEARLY|||||||5,7"));
}

TEST(Recurrence, KnowsTheLastDayOfEachMonth) {
  constexpr std::string_view kLast = "UTC|19700101T000000|||MONTHLY||||31";
  constexpr std::string_view kLastFromEnd = "UTC|19700101T000000|||MONTHLY||||-1";
  const std::int64_t may_31 = days_of(2020, 5, 31) * kDay;
  const std::int64_t june_30 = days_of(2020, 6, 30) * kDay;
  EXPECT_TRUE(covers(kLast, may_31));
  EXPECT_FALSE(covers(kLast, june_30));
  EXPECT_FALSE(covers(kLast, days_of(2020, 6, 1) * kDay));
  EXPECT_TRUE(covers(kLastFromEnd, may_31));
  EXPECT_TRUE(covers(kLastFromEnd, june_30));
  EXPECT_TRUE(covers(kLastFromEnd, days_of(2020, 2, 29) * kDay));
}

TEST(Recurrence, CountsWeeksAsISO8601) {
  const auto in_week = [](int year, unsigned month, unsigned day, std::string_view week) {
    return covers("UTC||||YEARLY||||||" + std::string(week), days_of(year, month, day) * kDay);
  };
  EXPECT_TRUE(in_week(2021, 1, 3, "53"));
  EXPECT_TRUE(in_week(2021, 1, 3, "-1"));
  EXPECT_TRUE(in_week(2021, 1, 4, "1"));
  EXPECT_TRUE(in_week(2019, 12, 30, "1"));
  EXPECT_TRUE(in_week(2019, 12, 29, "52"));
  EXPECT_TRUE(in_week(2020, 12, 31, "53"));
}

TEST(Recurrence, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(error_of("Nowhere/Land|20200101T000000"), "0: no time zone Nowhere/Land");
  EXPECT_EQ(error_of("UTC|2020"), "4: dtstart is not a date and time, expected as 20250131T235959");
  EXPECT_EQ(error_of("UTC|20200230T000000"),
            "4: dtstart is not a date and time, expected as 20250131T235959");
  EXPECT_EQ(error_of("UTC|20200101T000000|20200101T246060"),
            "20: dtend is not a date and time, expected as 20250131T235959");
  EXPECT_EQ(error_of("UTC|20200101T000000||P8H"),
            "21: expected a duration as PT8H, 1H30M or P2DT12H");
  EXPECT_EQ(error_of("UTC|20200101T000000||P"),
            "21: expected a duration as PT8H, 1H30M or P2DT12H");
  EXPECT_EQ(error_of("UTC|||1H|hourly"),
            "9: expected a frequency: daily, weekly, monthly or yearly");
  EXPECT_EQ(error_of("UTC|||||20200101T000000"), "8: until without a frequency");
  EXPECT_EQ(error_of("UTC||||daily||0"), "14: expected an interval from 1 to 10000");
  EXPECT_EQ(error_of("UTC|||||||MO"), "10: byday without a frequency");
  EXPECT_EQ(error_of("UTC||||weekly|||MO,TX"),
            "19: expected a day of the week as MO, +1MO or -1SU");
  EXPECT_EQ(error_of("UTC||||monthly||||32"),
            "18: bymonthday: expected a number from 1 to 31, or from -1 to -31");
  EXPECT_EQ(error_of("UTC||||yearly|||||||0"), "20: bymonth: expected a number from 1 to 12");
  EXPECT_EQ(error_of("UTC||||yearly|||||||1|2"),
            "22: expected no more than 11 fields behind the time zone");
}

TEST(Recurrence, ReadsAnyText) {
  constexpr std::string_view kSeed =
      "Europe/Berlin|20200101T080000|20210101T000000|P1DT10H|weekly|20251231T000000|2|MO,-1FR|1,-1|"
      "5|23|1,12";
  std::mt19937 random(5);
  TimeZones zones;
  for (int i = 0; i < 20'000; ++i) {
    std::string text(kSeed);
    for (unsigned n = 1 + random() % 5; n > 0; --n) {
      const std::size_t at = random() % text.size();
      switch (random() % 3) {
        case 0: text.erase(at, 1 + random() % 6); break;
        case 1: text.insert(at, 1, "|,-+TPZ09 \0"[random() % 11]); break;
        default: text[at] = static_cast<char>(random());
      }
      if (text.empty()) text = "|";
    }
    if (const auto recurrence = Recurrence::parse(text, zones)) {
      recurrence->covers(kNow);
    } else {
      EXPECT_LE(recurrence.error().offset, text.size());
      EXPECT_FALSE(recurrence.error().message.empty());
    }
  }
}

}  // namespace
}  // namespace opensips::base
