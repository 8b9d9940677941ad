#include "config/value.hh"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <limits>
#include <type_traits>

#include <fmt/format.h>

namespace opensips::config {
namespace {

using std::chrono::milliseconds;

struct Unit {
  std::string_view name;
  long long ms;
};

constexpr std::array<Unit, 4> kUnits{{{"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};

template <class T>
void store(const Parameter& parameter, Settings& settings, T value) {
  if (const auto* member = std::get_if<Member<T>>(&parameter.target)) {
    (*member)(settings) = std::move(value);
  } else if (const auto* address = std::get_if<T*>(&parameter.target)) {
    **address = std::move(value);
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (const auto* list = std::get_if<std::vector<std::string>*>(&parameter.target))
      (*list)->push_back(std::move(value));
  }
}

std::optional<milliseconds> times(long long number, long long unit_ms) {
  constexpr long long kMost = std::numeric_limits<long long>::max();
  if (number < 0 || number > kMost / unit_ms) return std::nullopt;
  return milliseconds(number * unit_ms);
}

std::optional<bool> parse_boolean(const Value& value) {
  if (value.kind == Value::Kind::integer) {
    if (value.number == 0 || value.number == 1) return value.number == 1;
    return std::nullopt;
  }
  std::string word = value.text;
  for (char& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (word == "yes" || word == "on" || word == "true") return true;
  if (word == "no" || word == "off" || word == "false") return false;
  return std::nullopt;
}

bool is_one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

bool assign_integer(const Parameter& parameter, const Value& value, Settings& settings) {
  if (value.kind != Value::Kind::integer) return false;
  if (value.number < parameter.min || value.number > parameter.max) return false;
  store(parameter, settings, static_cast<int>(value.number));
  return true;
}

bool assign_boolean(const Parameter& parameter, const Value& value, Settings& settings) {
  const auto flag = parse_boolean(value);
  if (flag) store(parameter, settings, *flag);
  return flag.has_value();
}

bool assign_duration(const Parameter& parameter, const Value& value, Settings& settings) {
  const auto time = value.kind == Value::Kind::integer ? times(value.number, parameter.unit.count())
                                                       : parse_duration(value.text);
  if (!time || *time < parameter.min * parameter.unit || *time > parameter.max * parameter.unit)
    return false;
  if (time->count() % parameter.unit.count() != 0) return false;
  store(parameter, settings, *time);
  return true;
}

bool assign_text(const Parameter& parameter, const Value& value, Settings& settings) {
  if (value.kind != Value::Kind::string || !is_one_line(value.text)) return false;
  if (value.text.size() > static_cast<std::size_t>(parameter.max)) return false;
  if (!value.text.empty() && !value.text.starts_with(parameter.prefix)) return false;
  store(parameter, settings, value.text);
  return true;
}

bool assign_path(const Parameter& parameter, const Value& value, std::string_view directory,
                 Settings& settings) {
  if (value.kind == Value::Kind::integer || !is_one_line(value.text)) return false;
  if (value.text.size() > static_cast<std::size_t>(parameter.max)) return false;
  store(parameter, settings, resolve_path(value.text, directory));
  return true;
}

/// 0600, "0600" and 600 are the same: permissions are written in octal digits everywhere.
bool assign_mode(const Parameter& parameter, const Value& value, Settings& settings) {
  int mode = 0;
  const char* const end = value.text.data() + value.text.size();
  const auto [stop, error] = std::from_chars(value.text.data(), end, mode, 8);
  if (error != std::errc() || stop != end || mode < 0 || mode > parameter.max) return false;
  store(parameter, settings, mode);
  return true;
}

bool assign_choice(const Parameter& parameter, const Value& value, Settings& settings) {
  const auto& all = parameter.choices;
  if (std::find(all.begin(), all.end(), value.text) == all.end()) return false;
  store(parameter, settings, value.text);
  return true;
}

bool try_assign(const Parameter& parameter, const Value& value, std::string_view directory,
                Settings& settings) {
  switch (parameter.type) {
    case Type::integer: return assign_integer(parameter, value, settings);
    case Type::boolean: return assign_boolean(parameter, value, settings);
    case Type::duration: return assign_duration(parameter, value, settings);
    case Type::text: return assign_text(parameter, value, settings);
    case Type::path:
    case Type::path_list: return assign_path(parameter, value, directory, settings);
    case Type::mode: return assign_mode(parameter, value, settings);
    case Type::choice: return assign_choice(parameter, value, settings);
    case Type::socket:
    case Type::alias:
    case Type::prefix: return false;
    case Type::tls:
    case Type::tls_path: return is_one_line(value.text);
    case Type::any: break;
  }
  return true;
}

}  // namespace

std::optional<std::string> assign(const Parameter& parameter, const Value& value,
                                  std::string_view directory, Settings& settings) {
  const auto wrong = [&](std::string_view why) {
    const auto shown = value.kind == Value::Kind::integer ? value.text : in_quotes(value.text);
    return fmt::format("{} is {}, {}", parameter.name, shown, why);
  };
  if (!try_assign(parameter, value, directory, settings)) {
    return wrong("expected " + expectation(parameter));
  }
  if (const auto* setter = std::get_if<Setter>(&parameter.target)) {
    if (const auto why = setter->set(setter->object, value.text)) return wrong(*why);
  }
  return std::nullopt;
}

std::optional<milliseconds> parse_duration(std::string_view text) {
  long long number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc()) return std::nullopt;
  const std::string_view name(stop, static_cast<std::size_t>(end - stop));
  if (number == 0 && name.empty()) return milliseconds(0);  // in whatever unit
  for (const auto& unit : kUnits) {
    if (unit.name == name) return times(number, unit.ms);
  }
  return std::nullopt;
}

std::string duration_text(milliseconds duration) {
  for (const auto& unit : kUnits) {
    if (duration.count() != 0 && duration.count() % unit.ms == 0) {
      return fmt::format("{}{}", duration.count() / unit.ms, unit.name);
    }
  }
  return "0";
}

std::string resolve_path(std::string_view path, std::string_view directory) {
  if (path.empty() || path.front() == '/' || directory.empty()) return std::string(path);
  return (std::filesystem::path(directory) / path).lexically_normal().string();
}

}  // namespace opensips::config
