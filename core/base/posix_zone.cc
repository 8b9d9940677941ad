#include "base/posix_zone.hh"

#include "base/local_time.hh"

namespace opensips::base {
namespace {

constexpr std::int32_t kHour = 3600;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alpha(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/// Reads pieces off the front; what is not there is not taken.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool take(char c) {
    if (peek() != c || rest_.empty()) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// "CET", "<+03>"
  bool name() {
    const bool quoted = take('<');
    std::size_t length = 0;
    while (length < rest_.size() && (is_alpha(rest_[length]) ||
                                     (quoted && (is_digit(rest_[length]) || rest_[length] == '+' ||
                                                 rest_[length] == '-')))) {
      ++length;
    }
    rest_.remove_prefix(length);
    return length >= 3 && (!quoted || take('>'));
  }

  std::optional<unsigned> number(unsigned least, unsigned most) {
    unsigned value = 0;
    std::size_t digits = 0;
    while (digits < 4 && digits < rest_.size() && is_digit(rest_[digits])) {
      value = value * 10 + static_cast<unsigned>(rest_[digits++] - '0');
    }
    if (digits == 0 || value < least || value > most) return std::nullopt;
    rest_.remove_prefix(digits);
    return value;
  }

  /// "[+-]hh[:mm[:ss]]" in seconds.
  std::optional<std::int32_t> time() {
    const bool negative = take('-');
    if (!negative) take('+');
    const auto hours = number(0, 167);
    if (!hours) return std::nullopt;
    auto seconds = static_cast<std::int32_t>(*hours) * kHour;
    for (const std::int32_t unit : {60, 1}) {
      if (!take(':')) break;
      const auto part = number(0, 59);
      if (!part) return std::nullopt;
      seconds += static_cast<std::int32_t>(*part) * unit;
    }
    return negative ? -seconds : seconds;
  }

 private:
  std::string_view rest_;
};

std::optional<PosixZone::Change> parse_change(Cursor& cursor) {
  using Kind = PosixZone::Change::Kind;
  PosixZone::Change change;
  if (cursor.take('M')) {
    const auto month = cursor.number(1, 12);
    if (!month || !cursor.take('.')) return std::nullopt;
    const auto week = cursor.number(1, 5);
    if (!week || !cursor.take('.')) return std::nullopt;
    const auto day = cursor.number(0, 6);
    if (!day) return std::nullopt;
    change = {.kind = Kind::week_day, .month = *month, .week = *week, .day = *day};
  } else {
    change.kind = cursor.take('J') ? Kind::julian : Kind::zero_based;
    const auto day = cursor.number(change.kind == Kind::julian ? 1 : 0, 365);
    if (!day) return std::nullopt;
    change.day = *day;
  }
  if (cursor.take('/')) {
    const auto time = cursor.time();
    if (!time) return std::nullopt;
    change.second = *time;
  }
  return change;
}

}  // namespace

std::int64_t PosixZone::Change::in(int year) const {
  std::int64_t days = 0;
  if (kind == Kind::week_day) {
    const std::int64_t first = days_of(year, month, 1);
    const LocalTime start = LocalTime::of(first * LocalTime::kDay);
    days = first + (day + 7 - start.week_day) % 7 + (week - 1) * 7;
    if (days >= first + start.days_in_month()) days -= 7;
  } else {
    days = days_of(year, 1, 1) + day;
    const bool leap = LocalTime::of(days_of(year, 1, 1) * LocalTime::kDay).days_in_year() == 366;
    if (kind == Kind::julian && !(leap && day >= 60)) --days;
  }
  return days * LocalTime::kDay + second;
}

std::optional<PosixZone> PosixZone::parse(std::string_view text) {
  Cursor cursor(text);
  if (!cursor.name()) return std::nullopt;
  const auto west = cursor.time();
  if (!west || *west < -25 * kHour || *west > 25 * kHour) return std::nullopt;
  PosixZone zone{.standard = -*west, .summer = -*west};
  if (cursor.at_end()) return zone;

  if (!cursor.name()) return std::nullopt;
  zone.summer = zone.standard + kHour;
  if (!cursor.at_end() && cursor.peek() != ',') {
    const auto summer_west = cursor.time();
    if (!summer_west || *summer_west < -25 * kHour || *summer_west > 25 * kHour) {
      return std::nullopt;
    }
    zone.summer = -*summer_west;
  }
  // What systems assume when the text does not say: the rule of the United States.
  if (cursor.at_end()) cursor = Cursor(",M3.2.0,M11.1.0");
  for (Change* const change : {&zone.begin, &zone.end}) {
    if (!cursor.take(',')) return std::nullopt;
    const auto parsed = parse_change(cursor);
    if (!parsed) return std::nullopt;
    *change = *parsed;
  }
  return cursor.at_end() ? std::optional(zone) : std::nullopt;
}

std::int32_t PosixZone::offset_at(std::int64_t time) const {
  if (!has_summer()) return standard;
  const int year = LocalTime::of(time + standard).year;
  const std::int64_t from = begin.in(year)-standard;
  const std::int64_t until = end.in(year)-summer;
  const bool in_summer =
      from < until ? time >= from && time < until : !(time >= until && time < from);
  return in_summer ? summer : standard;
}

}  // namespace opensips::base
