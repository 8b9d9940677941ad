#include "base/posix_zone.hh"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <random>

namespace opensips::base {
namespace {

constexpr std::int64_t kJune2020 = 1'591'357'895;
constexpr std::int64_t kJanuary2020 = 1'579'559'602;

std::int32_t offset(std::string_view text, std::int64_t time) {
  const auto zone = PosixZone::parse(text);
  EXPECT_TRUE(zone) << text;
  return zone ? zone->offset_at(time) : -1;
}

TEST(PosixZone, CountsHoursWestOfGreenwich) {
  EXPECT_EQ(offset("UTC0", kJune2020), 0);
  EXPECT_EQ(offset("UTC+12", kJune2020), -12 * 3600);
  EXPECT_EQ(offset("UTC-13", kJune2020), 13 * 3600);
  EXPECT_EQ(offset("NPT-5:45", kJune2020), 5 * 3600 + 45 * 60);
  EXPECT_EQ(offset("<+0330>-3:30:15", kJune2020), 3 * 3600 + 30 * 60 + 15);
}

TEST(PosixZone, KnowsSummerTime) {
  constexpr std::string_view kBerlin = "CET-1CEST,M3.5.0,M10.5.0/3";
  EXPECT_EQ(offset(kBerlin, kJanuary2020), 3600);
  EXPECT_EQ(offset(kBerlin, kJune2020), 7200);
  EXPECT_EQ(offset(kBerlin, 1'585'443'599), 3600);  // 2020-03-29T00:59:59Z
  EXPECT_EQ(offset(kBerlin, 1'585'443'600), 7200);
  EXPECT_EQ(offset(kBerlin, 1'603'587'599), 7200);  // 2020-10-25T00:59:59Z
  EXPECT_EQ(offset(kBerlin, 1'603'587'600), 3600);
}

TEST(PosixZone, KnowsSummerOnTheOtherHalfOfTheEarth) {
  constexpr std::string_view kAuckland = "NZST-12NZDT,M9.5.0,M4.1.0/3";
  EXPECT_EQ(offset(kAuckland, kJanuary2020), 13 * 3600);
  EXPECT_EQ(offset(kAuckland, kJune2020), 12 * 3600);
}

TEST(PosixZone, AssumesTheRuleOfTheUnitedStates) {
  EXPECT_EQ(offset("EST5EDT", kJune2020), -4 * 3600);
  EXPECT_EQ(offset("EST5EDT", kJanuary2020), -5 * 3600);
}

TEST(PosixZone, RefusesWhatIsNone) {
  for (const char* text :
       {"", "X", "CE-1", "CET", "CET-", "CET-99", "CET-1CE", "CET-1CEST,", "CET-1CEST,M3.5.0",
        "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0",
        "CET-1CEST,M3.5.0,M10.5.0,", "CET-1CEST,J0,J9", "CET-1CEST,366,9", "<CET-1", "CET-1:99",
        "Europe/Berlin", "20200101T000000"}) {
    EXPECT_FALSE(PosixZone::parse(text)) << text;
  }
}

/// glibc is the judge.
TEST(PosixZone, AgreesWithTheSystem) {
  const char* const before = std::getenv("TZ");
  const std::string saved = before ? before : "";
  std::mt19937_64 random(1);
  for (const char* text :
       {"CET-1CEST,M3.5.0,M10.5.0/3", "EST5EDT,M3.2.0,M11.1.0", "NZST-12NZDT,M9.5.0,M4.1.0/3",
        "UTC+12", "IST-1GMT0,M10.5.0,M3.5.0/1", "XXX3YYY2,J60,J300/0", "XXX3YYY2,59/-1,299/26",
        "<-03>3<-02>,M3.5.0/-2,M10.5.0/-1", "XXX-4YYY,M2.1.0/12:34:56,M6.4.6"}) {
    const auto zone = PosixZone::parse(text);
    ASSERT_TRUE(zone) << text;
    setenv("TZ", text, 1);
    tzset();
    for (int i = 0; i < 20'000; ++i) {
      const auto time = static_cast<std::time_t>(random() % 4'000'000'000);
      std::tm local{};
      localtime_r(&time, &local);
      ASSERT_EQ(zone->offset_at(time), local.tm_gmtoff) << text << " at " << time;
    }
  }
  if (before) {
    setenv("TZ", saved.c_str(), 1);
  } else {
    unsetenv("TZ");
  }
  tzset();
}

}  // namespace
}  // namespace opensips::base
