#include "lp_routing/functions/argument.hh"

#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "l1_parser/chars.hh"
#include "lp_routing/functions/program.hh"
#include "lp_routing/functions/table.hh"

namespace opensips::routing {
namespace {

constexpr double kMaxSeconds = 86400.0 * 366;

std::string_view name_of_type(const Call& call, const Value& value) {
  constexpr std::string_view names[] = {
      "nil",        "boolean",   "number",   "number", "string", "string", "table",   "table",
      "a response", "a failure", "an error", "",       "a wait", "an end", "a table", "a function"};
  static_assert(std::size(names) == std::variant_size_v<Value::Any>);
  if (const auto* object = value.get<Object>()) return call.program.functions().name(object->kind);
  return names[value.any.index()];
}

bool text_from(const Value& value, std::string_view& to) {
  std::string_view room;
  const std::string_view* const text = value.text(room);
  if (!text) return false;
  to = *text;
  return true;
}

bool fits(std::string_view text, std::size_t most, std::string& why) {
  if (text.size() <= most) return true;
  why = fmt::format("is {} bytes long, {} are allowed", text.size(), most);
  return false;
}

}  // namespace

bool Argument<bool>::from(const Value& value, bool& to, std::string&) {
  const bool* const given = value.get<bool>();
  if (!given) return false;
  to = *given;
  return true;
}

bool Argument<double>::from(const Value& value, double& to, std::string&) {
  if (const auto* whole = value.get<std::int64_t>()) {
    to = static_cast<double>(*whole);
    return true;
  }
  const double* const given = value.get<double>();
  if (!given || !std::isfinite(*given)) return false;
  to = *given;
  return true;
}

bool Argument<std::string_view>::from(const Value& value, std::string_view& to, std::string&) {
  return text_from(value, to);
}

bool Argument<Line>::from(const Value& value, Line& to, std::string& why) {
  if (const auto* whole = value.get<std::int64_t>()) {
    why = fmt::format("expected string, got the number {}: use tostring()", *whole);
    return false;
  }
  if (!text_from(value, to.text) || !fits(to.text, kMaxLine, why)) return false;
  if (is_line(to.text)) return true;
  why = "contains a line break or another control character";
  return false;
}

bool Argument<HeaderField>::from(const Value& value, HeaderField& to, std::string& why) {
  if (!text_from(value, to.text) || !fits(to.text, 128, why)) return false;
  if (parser::chars::is_token(to.text)) return true;
  why = "is not the name of a header";
  return false;
}

bool Argument<Body>::from(const Value& value, Body& to, std::string& why) {
  return text_from(value, to.text) && fits(to.text, kMaxBody, why);
}

bool Argument<Bytes>::from(const Value& value, Bytes& to, std::string& why) {
  return text_from(value, to.text) && fits(to.text, kMaxBytes, why);
}

bool Argument<Object>::from(const Value& value, Object& to, std::string&) {
  const auto* const object = value.get<Object>();
  if (!object) return false;
  to = *object;
  return true;
}

bool Argument<Value::Callback>::from(const Value& value, Value::Callback& to, std::string&) {
  const auto* const callback = value.get<Value::Callback>();
  if (!callback) return false;
  to = *callback;
  return true;
}

bool Argument<Value::Map>::from(const Value& value, Value::Map& to, std::string&) {
  const auto* const map = value.get<Value::Map>();
  if (!map) return false;
  to = *map;
  return true;
}

bool integer_from(const Value& value, std::int64_t least, std::int64_t most, std::int64_t& to,
                  std::string& why) {
  const auto* const given = value.get<std::int64_t>();
  if (!given) return false;
  if (*given < least || *given > most) {
    why = fmt::format("expected an integer from {} to {}, got {}", least, most, *given);
    return false;
  }
  to = *given;
  return true;
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (error != std::errc() || !(number >= 0)) return std::nullopt;
  const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
  struct Unit {
    std::string_view name;
    double seconds;
  };
  for (const Unit& known : {Unit{"ms", 0.001}, Unit{"s", 1}, Unit{"m", 60}, Unit{"min", 60},
                            Unit{"h", 3600}, Unit{"d", 86400}}) {
    if (unit != known.name) continue;
    if (number * known.seconds > kMaxSeconds) return std::nullopt;
    return std::chrono::milliseconds(std::llround(number * known.seconds * 1000));
  }
  return std::nullopt;
}

bool Argument<std::chrono::milliseconds>::from(const Value& value, std::chrono::milliseconds& to,
                                               std::string& why) {
  std::string_view text;
  if (text_from(value, text)) {
    if (const auto parsed = parse_duration(text)) {
      to = *parsed;
      return true;
    }
    why =
        fmt::format("expected a duration like \"20s\", \"500ms\" or \"4h\", got \"{:.40}\"", text);
    return false;
  }
  double seconds = 0;
  if (!Argument<double>::from(value, seconds, why)) return false;
  if (seconds < 0 || seconds > kMaxSeconds) {
    why = fmt::format("expected seconds from 0 to {}, got {}", kMaxSeconds, seconds);
    return false;
  }
  to = std::chrono::milliseconds(std::llround(seconds * 1000));
  return true;
}

bool wrong_option(std::string_view name, std::string_view expected, std::string& why) {
  why = why.empty() ? fmt::format("option '{}': expected {}", name, expected)
                    : fmt::format("option '{}': {}", name, why);
  return false;
}

bool unknown_option(std::string_view name, std::span<const OptionText> known, std::string& why) {
  why = fmt::format("unknown option '{:.40}', there are: ", name);
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (i > 0) why += ", ";
    why += known[i].name;
  }
  return false;
}

namespace detail {

Value wrong_argument(const Call& call, std::size_t index, const Value& got, std::string_view why) {
  const Function& function = call.function;
  std::string text = function.full_name();
  if (function.kind != Function::Kind::setter) {
    text += fmt::format(": argument {} ({})", index + 1, function.argument(index));
  }
  if (why.empty()) {
    text +=
        fmt::format(": expected {}, got {}", function.types[index].type, name_of_type(call, got));
  } else {
    text += fmt::format(": {}", why);
  }
  return Misuse{std::move(text)};
}

Value too_many(const Call& call, std::size_t most, std::size_t got) {
  return Misuse{fmt::format("{}: takes {} argument{}, got {}", call.function.full_name(), most,
                            most == 1 ? "" : "s", got)};
}

}  // namespace detail
}  // namespace opensips::routing
