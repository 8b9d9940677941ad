#include "base/recurrence.hh"

#include <algorithm>

namespace opensips::base {
namespace {

/// Whether `list` is empty or names `value`, or, as a negative number, its place from the end.
bool allows(const std::vector<int>& list, unsigned value, unsigned last) {
  const auto forward = static_cast<int>(value);
  const int backward = forward - static_cast<int>(last) - 1;
  return list.empty() || std::ranges::any_of(list, [&](int entry) {
           return entry == forward || entry == backward;
         });
}

unsigned monday_based(unsigned week_day) {
  return (week_day + 6) % 7;
}

/// Weeks of ISO 8601 in a year: 53 when it has 53 Thursdays.
unsigned iso_weeks(int year) {
  const LocalTime first = LocalTime::of(days_of(year, 1, 1) * LocalTime::kDay);
  const bool leap = first.days_in_year() == 366;
  return first.week_day == 4 || (leap && first.week_day == 3) ? 53 : 52;
}

struct IsoWeek {
  unsigned number;
  unsigned last;  // of its year
};

IsoWeek iso_week(const LocalTime& time) {
  const int number =
      (static_cast<int>(time.year_day) - static_cast<int>(monday_based(time.week_day)) + 9) / 7;
  if (number < 1) return {iso_weeks(time.year - 1), iso_weeks(time.year - 1)};
  const unsigned last = iso_weeks(time.year);
  if (static_cast<unsigned>(number) > last) return {1, iso_weeks(time.year + 1)};
  return {static_cast<unsigned>(number), last};
}

std::int64_t week_of(const LocalTime& time) {
  return time.days - monday_based(time.week_day);
}

}  // namespace

Recurrence::Frequency Recurrence::smallest_unit() const {
  if (!week_days_.empty() || !month_days_.empty() || !year_days_.empty()) return Frequency::daily;
  if (frequency_ == Frequency::daily) return Frequency::daily;
  if (frequency_ == Frequency::weekly || !weeks_.empty()) return Frequency::weekly;
  if (frequency_ == Frequency::monthly || !months_.empty()) return Frequency::monthly;
  return frequency_;
}

/// Seconds from the beginning of the unit; years count whole days, so that the same date may be a
/// day apart in leap years, as with OpenSIPS.
std::int64_t Recurrence::place_in_unit(const LocalTime& time) const {
  std::int64_t day = 0;
  switch (smallest_unit()) {
    case Frequency::weekly: day = time.week_day; break;
    case Frequency::monthly: day = time.day; break;
    case Frequency::yearly: day = time.year_day; break;
    default: break;
  }
  return day * LocalTime::kDay + time.second;
}

bool Recurrence::is_within_unit(const LocalTime& now) const {
  constexpr std::int64_t kLongest[] = {0, 1, 7, 31, 366};
  const std::int64_t begin = place_in_unit(start_wall_);
  const std::int64_t place = place_in_unit(now);
  if (!end_) return place >= begin;
  const std::int64_t length = *end_ - start_;
  if (length >= kLongest[static_cast<unsigned>(smallest_unit())] * LocalTime::kDay) return true;
  const std::int64_t end = place_in_unit(end_wall_);
  if (begin < end) return place >= begin && place < end;
  if (begin > end) return place >= begin || place < end;
  return length > 0;  // a whole month of less than 31 days, or year of less than 366
}

bool Recurrence::is_in_interval(const LocalTime& now) const {
  if (interval_ <= 1) return true;
  std::int64_t passed = 0;
  switch (frequency_) {
    case Frequency::daily: passed = now.days - start_wall_.days; break;
    case Frequency::weekly: passed = (week_of(now) - week_of(start_wall_)) / 7; break;
    case Frequency::monthly:
      passed = std::int64_t{now.year - start_wall_.year} * 12 + now.month - start_wall_.month;
      break;
    default: passed = now.year - start_wall_.year;
  }
  return passed % interval_ == 0;
}

bool Recurrence::fits_week_day(const LocalTime& now) const {
  if (week_days_.empty()) return true;
  const bool in_year = frequency_ == Frequency::yearly;
  const bool counted = in_year || frequency_ == Frequency::monthly;
  const unsigned day = in_year ? now.year_day : now.day;
  const unsigned days = in_year ? now.days_in_year() : now.days_in_month();
  const int from_start = static_cast<int>((day - 1) / 7 + 1);
  const int from_end = -static_cast<int>((days - day) / 7 + 1);
  return std::ranges::any_of(week_days_, [&](const WeekDay& wanted) {
    if (wanted.day != now.week_day) return false;
    const int ordinal = wanted.ordinal == 0 ? 1 : wanted.ordinal;
    return !counted || ordinal == from_start || ordinal == from_end;
  });
}

bool Recurrence::fits_lists(const LocalTime& now) const {
  if (!allows(months_, now.month, 12)) return false;
  if (!allows(month_days_, now.day, now.days_in_month())) return false;
  if (!allows(year_days_, now.year_day, now.days_in_year())) return false;
  const IsoWeek week = weeks_.empty() ? IsoWeek{} : iso_week(now);
  return allows(weeks_, week.number, week.last) && fits_week_day(now);
}

bool Recurrence::covers(std::int64_t time) const {
  if (time < start_) return false;
  if (frequency_ == Frequency::none) return !end_ || time < *end_;
  if (until_ && time > *until_) return false;
  const LocalTime now = LocalTime::of(zone_->to_wall(time));
  return is_in_interval(now) && is_within_unit(now) && fits_lists(now);
}

}  // namespace opensips::base
