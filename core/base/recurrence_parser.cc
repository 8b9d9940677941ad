#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "base/recurrence.hh"

namespace opensips::base {
namespace {

constexpr std::int64_t kLongestDuration = std::int64_t{200} * 366 * LocalTime::kDay;
// Without a dtstart: the beginning of a year, a month and a week.
constexpr WallSeconds kNoStart = -1096 * LocalTime::kDay;  // Sunday, 1 January 1967
constexpr std::array<std::string_view, 7> kWeekDays{"SU", "MO", "TU", "WE", "TH", "FR", "SA"};

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, upper, upper);
}

template <class T>
std::optional<T> whole_number(std::string_view text) {
  T value{};
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || at != text.data() + text.size()) return std::nullopt;
  return value;
}

/// A number of exactly these digits.
std::optional<int> digits(std::string_view text) {
  const bool only_digits = std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  return only_digits ? whole_number<int>(text) : std::nullopt;
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

/// "20200131T235959"; 24:00:00 and a second 60 are the beginning of what follows.
std::optional<WallSeconds> date_time(std::string_view text) {
  if (text.size() != 15 || upper(text[8]) != 'T') return std::nullopt;
  const auto year = digits(text.substr(0, 4));
  const auto month = digits(text.substr(4, 2));
  const auto day = digits(text.substr(6, 2));
  const auto hour = digits(text.substr(9, 2));
  const auto minute = digits(text.substr(11, 2));
  const auto second = digits(text.substr(13, 2));
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  if (*year < 1970 || *minute > 59 || *second > 60) return std::nullopt;
  if (*hour > 24 || (*hour == 24 && *minute + *second > 0)) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year) / *month / *day);
  if (!date.ok()) return std::nullopt;
  return days_of(*year, static_cast<unsigned>(*month), static_cast<unsigned>(*day)) *
             LocalTime::kDay +
         *hour * 3600 + *minute * 60 + *second;
}

/// "PT8H", "P1DT12H", "P2W"; without the P hours, minutes and seconds only: "8H", "1H30M".
std::optional<std::int64_t> duration_of(std::string_view text) {
  bool in_days = text.starts_with('P') || text.starts_with('p');
  if (in_days) text.remove_prefix(1);
  std::int64_t sum = 0;
  bool any = false;
  while (!text.empty()) {
    if (in_days && upper(text.front()) == 'T') {
      in_days = false;
      text.remove_prefix(1);
      continue;
    }
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || end == text.data() + text.size() || count < 0) return std::nullopt;
    std::int64_t unit = 0;
    switch (upper(*end)) {
      case 'W': unit = in_days ? 7 * LocalTime::kDay : 0; break;
      case 'D': unit = in_days ? LocalTime::kDay : 0; break;
      case 'H': unit = in_days ? 0 : 3600; break;
      case 'M': unit = in_days ? 0 : 60; break;
      case 'S': unit = in_days ? 0 : 1; break;
      default: break;
    }
    if (unit == 0 || count > kLongestDuration / unit) return std::nullopt;
    sum += count * unit;
    if (sum > kLongestDuration) return std::nullopt;
    any = true;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  }
  return any ? std::optional(sum) : std::nullopt;
}

}  // namespace

/// Reads the fields of one text, from left to right; the first thing that is wrong stops it.
class RecurrenceParser {
 public:
  RecurrenceParser(std::string_view text, TimeZones& zones)
      : text_(text), rest_(text), zones_(zones) {}

  std::expected<Recurrence, TextError> parse() {
    read_zone();
    read_times();
    read_rule();
    if (!error_ && more_) fail(rest_, "expected no more than 11 fields behind the time zone");
    if (!error_) finish();
    if (error_) return std::unexpected(std::move(*error_));
    return std::move(result_);
  }

 private:
  using Frequency = Recurrence::Frequency;

  /// The next field; empty when there is none.
  std::string_view next() {
    const auto bar = rest_.find('|');
    const auto field = rest_.substr(0, bar);
    more_ = bar != std::string_view::npos;
    rest_.remove_prefix(more_ ? bar + 1 : rest_.size());
    return trimmed(field);
  }

  void fail(std::string_view where, std::string message) {
    if (error_) return;
    const auto offset = where.data() ? where.data() - text_.data() : 0;
    error_ = TextError{static_cast<std::size_t>(offset), std::move(message)};
  }

  void read_zone() {
    const char first = rest_.empty() ? '\0' : rest_.front();
    if (first >= 'A' && first <= 'Z') {
      const auto name = next();
      result_.zone_ = zones_.find(name);
      if (!result_.zone_) fail(name, fmt::format("no time zone {:.40}", name));
    } else if (first == '|') {
      next();
    }
    if (!result_.zone_) result_.zone_ = zones_.local();
  }

  std::optional<std::int64_t> read_date_time(std::string_view name) {
    const auto field = next();
    if (error_ || field.empty()) return std::nullopt;
    const auto wall = date_time(field);
    if (!wall) {
      fail(field, fmt::format("{} is not a date and time, expected as 20250131T235959", name));
      return std::nullopt;
    }
    return result_.zone_->from_wall(*wall);
  }

  void read_times() {
    const auto start = read_date_time("dtstart");
    if (error_) return;
    result_.start_ = start ? *start : result_.zone_->from_wall(kNoStart);
    result_.end_ = read_date_time("dtend");
    const auto field = next();
    if (error_ || field.empty()) return;
    const auto duration = duration_of(field);
    if (!duration) return fail(field, "expected a duration as PT8H, 1H30M or P2DT12H");
    result_.end_ = result_.start_ + *duration;
  }

  void read_rule() {
    read_frequency();
    const auto until_field = rest_;
    result_.until_ = read_date_time("until");
    if (result_.until_) needs_frequency(until_field, "until");
    const auto field = next();
    if (!field.empty()) {
      const auto interval = whole_number<std::int64_t>(field);
      if (!interval || *interval < 1 || *interval > 10'000) {
        fail(field, "expected an interval from 1 to 10000");
      }
      result_.interval_ = interval.value_or(1);
      needs_frequency(field, "interval");
    }
    read_week_days();
    read_list("bymonthday", 31, true, result_.month_days_);
    read_list("byyearday", 366, true, result_.year_days_);
    read_list("byweekno", 53, true, result_.weeks_);
    read_list("bymonth", 12, false, result_.months_);
  }

  void read_frequency() {
    constexpr std::array<std::string_view, 5> kNames{"", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"};
    const auto field = next();
    for (unsigned i = 0; i < kNames.size(); ++i) {
      if (!same_word(field, kNames[i])) continue;
      result_.frequency_ = static_cast<Frequency>(i);
      return;
    }
    fail(field, "expected a frequency: daily, weekly, monthly or yearly");
  }

  void needs_frequency(std::string_view where, std::string_view name) {
    if (result_.frequency_ == Frequency::none) {
      fail(where, fmt::format("{} without a frequency", name));
    }
  }

  template <class Take>
  void each_entry(std::string_view name, Take take) {
    auto field = next();
    if (field.empty()) return;
    needs_frequency(field, name);
    for (bool more = true; more && !error_;) {
      const auto comma = field.find(',');
      more = comma != std::string_view::npos;
      take(trimmed(field.substr(0, comma)));
      field.remove_prefix(more ? comma + 1 : field.size());
    }
  }

  void read_week_days() {
    each_entry("byday", [this](std::string_view entry) {
      const auto name = entry.size() < 2 ? std::string_view() : entry.substr(entry.size() - 2);
      const auto day = std::ranges::find_if(
          kWeekDays, [name](std::string_view known) { return same_word(known, name); });
      auto number = entry.substr(0, entry.size() - name.size());
      if (number.empty()) number = "0";
      const auto ordinal = whole_number<int>(number);
      if (day == kWeekDays.end() || !ordinal || *ordinal < -53 || *ordinal > 53) {
        return fail(entry, "expected a day of the week as MO, +1MO or -1SU");
      }
      result_.week_days_.push_back({static_cast<unsigned>(day - kWeekDays.begin()), *ordinal});
    });
  }

  void read_list(std::string_view name, int most, bool from_end, std::vector<int>& list) {
    each_entry(name, [&](std::string_view entry) {
      const auto value = whole_number<int>(entry);
      if (!value || *value == 0 || *value > most || *value < (from_end ? -most : 1)) {
        return fail(entry, fmt::format("{}: expected a number from 1 to {}{}", name, most,
                                       from_end ? fmt::format(", or from -1 to -{}", most) : ""));
      }
      list.push_back(*value);
    });
  }

  void finish() {
    const TimeZone& zone = *result_.zone_;
    result_.start_wall_ = LocalTime::of(zone.to_wall(result_.start_));
    if (result_.end_) result_.end_wall_ = LocalTime::of(zone.to_wall(*result_.end_));
  }

  std::string_view text_;
  std::string_view rest_;
  TimeZones& zones_;
  Recurrence result_;
  bool more_ = false;
  std::optional<TextError> error_;
};

std::expected<Recurrence, TextError> Recurrence::parse(std::string_view text, TimeZones& zones) {
  return RecurrenceParser(text, zones).parse();
}

}  // namespace opensips::base
