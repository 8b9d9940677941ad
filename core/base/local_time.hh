#pragma once

#include <chrono>
#include <cstdint>

namespace opensips::base {

/// A moment as the clock on the wall shows it: seconds since 1970-01-01T00:00:00 of the same wall.
using WallSeconds = std::int64_t;

/// Calendar and clock of a moment in the Gregorian calendar.
struct LocalTime {
  static constexpr std::int64_t kDay = 86'400;

  int year = 1970;
  unsigned month = 1;       ///< from 1
  unsigned day = 1;         ///< of the month, from 1
  unsigned week_day = 4;    ///< 0 is Sunday
  unsigned year_day = 1;    ///< from 1
  std::int32_t second = 0;  ///< of the day
  std::int64_t days = 0;    ///< since 1970-01-01

  static LocalTime of(WallSeconds wall) {
    using namespace std::chrono;
    const std::int64_t days = wall >= 0 ? wall / kDay : (wall - (kDay - 1)) / kDay;
    const sys_days date{std::chrono::days(days)};
    const year_month_day ymd(date);
    const sys_days new_year(ymd.year() / January / 1);
    return {static_cast<int>(ymd.year()),
            static_cast<unsigned>(ymd.month()),
            static_cast<unsigned>(ymd.day()),
            weekday(date).c_encoding(),
            static_cast<unsigned>((date - new_year).count()) + 1,
            static_cast<std::int32_t>(wall - days * kDay),
            days};
  }

  unsigned days_in_month() const {
    using namespace std::chrono;
    return static_cast<unsigned>(
        year_month_day_last(std::chrono::year(year), month_day_last(std::chrono::month(month)))
            .day());
  }
  unsigned days_in_year() const { return std::chrono::year(year).is_leap() ? 366 : 365; }
};

/// Days from 1970-01-01 to a date that exists.
inline std::int64_t days_of(int year, unsigned month, unsigned day) {
  return std::chrono::sys_days(std::chrono::year(year) / static_cast<int>(month) /
                               static_cast<int>(day))
      .time_since_epoch()
      .count();
}

}  // namespace opensips::base
