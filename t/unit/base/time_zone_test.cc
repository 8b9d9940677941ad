#include "base/time_zone.hh"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <random>

namespace opensips::base {
namespace {

constexpr std::int64_t kJune2020 = 1'591'357'895;

/// A file of the tz database: 64-bit times; two types, UTC and an hour east of it.
std::string tzif(const std::vector<std::int64_t>& transitions, const std::string& rule) {
  const auto number = [](std::uint64_t value, unsigned bytes) {
    std::string out;
    while (bytes-- > 0) out += static_cast<char>(value >> (8 * bytes));
    return out;
  };
  const auto header = [&](std::size_t times, std::size_t types) {
    return "TZif2" + std::string(15, '\0') + number(0, 4) + number(0, 4) + number(0, 4) +
           number(times, 4) + number(types, 4) + number(4, 4);
  };
  const auto type = [&](std::uint64_t offset) {
    return number(offset, 4) + number(0, 1) + number(0, 1);
  };
  std::string file = header(0, 1) + type(0) + std::string("UTC\0", 4);
  file += header(transitions.size(), 2);
  for (const auto time : transitions) file += number(static_cast<std::uint64_t>(time), 8);
  for (std::size_t i = 0; i < transitions.size(); ++i) file += number((i + 1) % 2, 1);
  return file + type(0) + type(3600) + std::string("UTC\0", 4) + "\n" + rule + "\n";
}

TEST(TimeZone, ReadsTheTransitionsOfAFile) {
  const auto zone = TimeZone::from_tzif(tzif({1000, 2000}, "UTC-2"));
  ASSERT_TRUE(zone);
  EXPECT_EQ(zone->offset_at(-5), 0);
  EXPECT_EQ(zone->offset_at(999), 0);
  EXPECT_EQ(zone->offset_at(1000), 3600);
  EXPECT_EQ(zone->offset_at(1999), 3600);
  EXPECT_EQ(zone->offset_at(2000), 7200) << "the rule holds behind the last of them";
}

TEST(TimeZone, KeepsTheLastOffsetWhenThereIsNoRule) {
  const auto zone = TimeZone::from_tzif(tzif({1000}, ""));
  ASSERT_TRUE(zone);
  EXPECT_EQ(zone->offset_at(1'000'000), 3600);
}

TEST(TimeZone, RefusesWhatIsNoSuchFile) {
  const std::string good = tzif({1000, 2000}, "UTC-2");
  EXPECT_FALSE(TimeZone::from_tzif(""));
  EXPECT_FALSE(TimeZone::from_tzif("TZif"));
  EXPECT_FALSE(TimeZone::from_tzif(tzif({2000, 1000}, "")));
  EXPECT_FALSE(TimeZone::from_tzif(tzif({1000}, "nonsense")));
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(TimeZone::from_tzif(good.substr(0, size))) << size;
  }
}

TEST(TimeZone, ReadsAnyBytes) {
  std::mt19937 random(9);
  const std::string good = tzif({1000, 2000, 3000}, "CET-1CEST,M3.5.0,M10.5.0/3");
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = good;
    for (unsigned n = 1 + random() % 4; n > 0; --n) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    if (const auto zone = TimeZone::from_tzif(bytes)) zone->offset_at(kJune2020);
  }
}

TEST(TimeZones, FindThoseOfTheDatabaseAndThoseThatAreWrittenOut) {
  TimeZones zones;
  const auto berlin = zones.find("Europe/Berlin");
  ASSERT_TRUE(berlin);
  EXPECT_EQ(berlin->offset_at(kJune2020), 7200);
  EXPECT_EQ(zones.find("Europe/Berlin"), berlin) << "read once";
  ASSERT_TRUE(zones.find("UTC+12"));
  EXPECT_EQ(zones.find("UTC+12")->offset_at(kJune2020), -12 * 3600);
  for (const char* name : {"", "Europe/Nowhere", "Europe", "/etc/localtime", "../zoneinfo/UTC"}) {
    EXPECT_FALSE(zones.find(name)) << name;
  }
  EXPECT_TRUE(zones.local());
}

/// glibc is the judge, on the ways there and back.
TEST(TimeZone, AgreesWithTheSystem) {
  const char* const before = std::getenv("TZ");
  const std::string saved = before ? before : "";
  TimeZones zones;
  std::mt19937_64 random(2);
  for (const char* name : {"Europe/Berlin", "America/New_York", "Pacific/Auckland", "Asia/Kolkata",
                           "Europe/Dublin", "Africa/Casablanca", "America/St_Johns", "UTC"}) {
    const auto zone = zones.find(name);
    ASSERT_TRUE(zone) << name;
    setenv("TZ", name, 1);
    tzset();
    for (int i = 0; i < 5'000; ++i) {
      const auto time = static_cast<std::time_t>(random() % 4'000'000'000);
      std::tm local{};
      localtime_r(&time, &local);
      ASSERT_EQ(zone->offset_at(time), local.tm_gmtoff) << name << " at " << time;
      // The same wall time may come twice; the moment found shows it.
      const std::int64_t back = zone->from_wall(zone->to_wall(time));
      ASSERT_EQ(zone->to_wall(back), zone->to_wall(time)) << name << " at " << time;
      ASSERT_LE(back, time) << name;
    }
  }
  if (before) {
    setenv("TZ", saved.c_str(), 1);
  } else {
    unsetenv("TZ");
  }
  tzset();
}

TEST(TimeZone, GivesTheLeapForATimeThatTheClockLeapsOver) {
  TimeZones zones;
  const auto berlin = zones.find("Europe/Berlin");
  ASSERT_TRUE(berlin);
  constexpr std::int64_t kLeap = 1'585'443'600;  // 2020-03-29, 2:00 becomes 3:00
  const WallSeconds two = kLeap + 3600;
  EXPECT_EQ(berlin->from_wall(two - 1), kLeap - 1);
  EXPECT_EQ(berlin->from_wall(two), kLeap);
  EXPECT_EQ(berlin->from_wall(two + 1800), kLeap);
  EXPECT_EQ(berlin->from_wall(two + 3600), kLeap);
  EXPECT_EQ(berlin->from_wall(two + 3601), kLeap + 1);
}

}  // namespace
}  // namespace opensips::base
