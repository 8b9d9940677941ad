#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/local_time.hh"
#include "base/text_error.hh"
#include "base/time_zone.hh"

namespace opensips::base {

/// A span of time that may come back, as OpenSIPS writes it after RFC 2445:
///
///   [time
///   zone|]dtstart|dtend|duration|freq|until|interval|byday|bymonthday|byyearday|byweekno|bymonth
///   Europe/Berlin|20200101T080000||10H|weekly|||MO,TU,WE,TH,FR
///
/// Fields may be empty, and left out at the end. A zone begins with a capital letter; without one
/// the machine's is meant. Means what it means to OpenSIPS 3.x: a moment counts when its own day
/// fits the by… lists and its place in the smallest unit that the text names lies between those of
/// dtstart and of the end. So "22:00 for 8H, byday FR" is Friday until 6:00 and from 22:00, and
/// byday without a number in a month or year is the first one. Immutable: any thread.
class Recurrence {
 public:
  /// Reads the database of time zones: not for a worker.
  static std::expected<Recurrence, TextError> parse(std::string_view text, TimeZones& zones);

  /// Whether a moment, in seconds since 1970 UTC, lies in it.
  bool covers(std::int64_t time) const;

 private:
  friend class RecurrenceParser;
  enum class Frequency : std::uint8_t { none, daily, weekly, monthly, yearly };
  struct WeekDay {
    unsigned day;  // 0 is Sunday
    int ordinal;   // in the month or year; negative: from its end; 0: none given
  };

  Frequency smallest_unit() const;
  std::int64_t place_in_unit(const LocalTime& time) const;
  bool is_within_unit(const LocalTime& now) const;
  bool is_in_interval(const LocalTime& now) const;
  bool fits_lists(const LocalTime& now) const;
  bool fits_week_day(const LocalTime& now) const;

  std::shared_ptr<const TimeZone> zone_;
  std::int64_t start_ = 0;
  LocalTime start_wall_{};
  std::optional<std::int64_t> end_;  // none: of a recurring one the end of the unit, else never
  LocalTime end_wall_{};
  Frequency frequency_ = Frequency::none;
  std::optional<std::int64_t> until_;  // the last second
  std::int64_t interval_ = 1;
  std::vector<WeekDay> week_days_;
  std::vector<int> month_days_;
  std::vector<int> year_days_;
  std::vector<int> weeks_;
  std::vector<int> months_;
};

}  // namespace opensips::base
