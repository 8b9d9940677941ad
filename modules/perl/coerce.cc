#include "perl/coerce.hh"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include <fmt/format.h>

namespace opensips::perl {
namespace {

/// As Perl reads numbers, but for "Inf" and "NaN".
void make_number(Data& value) {
  constexpr std::string_view kSpace = " \t\n\v\f\r";
  constexpr double kExact = 9007199254740992.0;  // 2^53
  const auto* const text = std::get_if<std::string>(&value.any);
  if (!text || text->find_first_not_of(kSpace) == text->npos) return;
  const char* const end = text->data() + text->find_last_not_of(kSpace) + 1;
  const char* begin = text->data() + text->find_first_not_of(kSpace);
  if (*begin == '+') ++begin;
  std::int64_t whole = 0;
  if (const auto read = std::from_chars(begin, end, whole);
      read.ec == std::errc() && read.ptr == end) {
    value.any = whole;
    return;
  }
  double number = 0;
  const auto read = std::from_chars(begin, end, number);
  if (read.ec != std::errc() || read.ptr != end || !std::isfinite(number)) return;
  if (std::trunc(number) == number && std::fabs(number) <= kExact)
    value.any = static_cast<std::int64_t>(number);
  else
    value.any = number;
}

void make_text(Data& value) {
  if (const auto* const whole = std::get_if<std::int64_t>(&value.any))
    value.any = std::to_string(*whole);
  else if (const auto* const number = std::get_if<double>(&value.any))
    value.any = fmt::format("{:.15g}", *number);  // as print does
  else if (const auto* const truth = std::get_if<bool>(&value.any))
    value.any = std::string(*truth ? "1" : "");
}

/// What Perl takes for true.
struct Truth {
  bool operator()(std::monostate) const { return false; }
  bool operator()(bool value) const { return value; }
  bool operator()(std::int64_t value) const { return value != 0; }
  bool operator()(double value) const { return value != 0; }
  bool operator()(const std::string& value) const { return !value.empty() && value != "0"; }
  bool operator()(const auto&) const { return true; }  // a reference
};

/// `type` as the manual calls it: "integer", "string|string[]".
void make(std::string_view type, Data& value) {
  if (type == "integer" || type == "number" || type == "duration") {
    make_number(value);  // with a unit behind it is none
  } else if (type == "boolean") {
    value.any = std::visit(Truth(), value.any);
  } else if (auto* const list = std::get_if<Data::List>(&value.any)) {
    if (type.ends_with("string[]")) std::ranges::for_each(*list, make_text);
  } else if (type.starts_with("string") && !type.contains("number")) {
    make_text(value);
  }
}

}  // namespace

void coerce(const routing::ArgumentType& type, Data& value) {
  auto* const map = std::get_if<Data::Map>(&value.any);
  if (type.options.empty() || !map) {
    const bool is_left_out = type.optional && std::holds_alternative<std::monostate>(value.any);
    if (!is_left_out) make(type.type, value);
    return;
  }
  for (auto& [name, entry] : *map) {
    const auto known = std::ranges::find(type.options, name, &routing::OptionText::name);
    if (known != type.options.end()) make(known->type, entry);
  }
}

}  // namespace opensips::perl
