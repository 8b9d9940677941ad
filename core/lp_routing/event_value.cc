#include "lp_routing/event_value.hh"

#include <utility>

#include <fmt/format.h>

namespace opensips::routing {

namespace {

constexpr std::size_t kMostFields = 32;
constexpr std::size_t kMostBytes = 8192;

std::optional<manage::EventValue> value_of(const Value& given) {
  std::string_view room;
  if (const auto* const flag = given.get<bool>()) return *flag;
  if (const auto* const whole = given.get<std::int64_t>()) return *whole;
  if (const auto* const number = given.get<double>()) return *number;
  if (const auto* const text = given.text(room)) return std::string(*text);
  return std::nullopt;
}

}  // namespace

Value table_of(const manage::Event& event) {
  Value::Map table;
  table.reserve(event.fields.size());
  for (const auto& [name, value] : event.fields) {
    const auto convert = [](const auto& plain) -> Value {
      if constexpr (std::is_same_v<decltype(plain), const std::string&>) {
        return std::string_view(plain);
      } else {
        return plain;
      }
    };
    table.push_back({name, std::visit(convert, value)});
  }
  return table;
}

std::optional<std::vector<manage::EventField>> fields_of(const Value::Map& table,
                                                         std::string& why) {
  if (table.size() > kMostFields) {
    why = fmt::format("expected at most {} fields, got {}", kMostFields, table.size());
    return std::nullopt;
  }
  std::vector<manage::EventField> fields;
  std::size_t bytes = 0;
  for (const auto& [name, given] : table) {
    auto value = value_of(given);
    if (!value) {
      why = fmt::format("{:.64}: expected text, a number or a boolean", name);
      return std::nullopt;
    }
    const auto* const text = std::get_if<std::string>(&*value);
    bytes += name.size() + (text ? text->size() : 0);
    fields.push_back({std::string(name), std::move(*value)});
  }
  if (bytes <= kMostBytes) return fields;
  why = fmt::format("expected at most {} bytes, got {}", kMostBytes, bytes);
  return std::nullopt;
}

}  // namespace opensips::routing
