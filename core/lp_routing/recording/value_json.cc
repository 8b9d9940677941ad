#include "lp_routing/recording/value_json.hh"

#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/base64.hh"
#include "base/utf8.hh"
#include "l1_parser/message.hh"

namespace opensips::routing::recording {
namespace {

constexpr unsigned kMostLevels = 64;

Json one(const char* name, Json value) {
  return Json{{name, std::move(value)}};
}

/// The table is one that could be taken for something else.
bool is_ambiguous(const Value::Map& map) {
  bool all_text = true;
  for (const auto& entry : map) all_text = all_text && base::is_utf8(entry.name);
  return !all_text || (!map.empty() && map.front().name.starts_with('$'));
}

Json map_to_json(const Value::Map& map, const ObjectJson& object) {
  if (is_ambiguous(map)) {
    Json pairs = Json::array();
    for (const auto& [name, value] : map) {
      pairs.push_back(Json::array({bytes_to_json(name), to_json(value, object)}));
    }
    return one("$map", std::move(pairs));
  }
  Json members = Json::object();
  for (const auto& [name, value] : map) members[std::string(name)] = to_json(value, object);
  return members;
}

class Reader {
 public:
  explicit Reader(const FunctionTable& functions) : functions_(functions) {}

  std::optional<Value> read(const Json& json, unsigned level = 0) {
    if (level > kMostLevels) return std::nullopt;
    switch (json.type()) {
      case Json::value_t::null: return Value();
      case Json::value_t::boolean: return Value(json.get<bool>());
      case Json::value_t::number_integer:
      case Json::value_t::number_unsigned: return Value(json.get<std::int64_t>());
      case Json::value_t::number_float: return Value(json.get<double>());
      case Json::value_t::string: return Value(json.get<std::string>());
      case Json::value_t::array: return list(json, level);
      case Json::value_t::object: break;
      default: return std::nullopt;
    }
    if (!json.empty() && json.begin().key().starts_with('$')) return special(json, level);
    Value::Map map;
    for (const auto& [name, value] : json.items()) {
      if (!add(map, name, value, level)) return std::nullopt;
    }
    return Value(std::move(map));
  }

 private:
  std::optional<Value> list(const Json& json, unsigned level) {
    Value::List values;
    for (const Json& each : json) {
      auto value = read(each, level + 1);
      if (!value) return std::nullopt;
      values.push_back(*std::move(value));
    }
    return Value(std::move(values));
  }

  bool add(Value::Map& to, std::string_view name, const Json& json, unsigned level) {
    auto value = read(json, level + 1);
    if (value) to.push_back({name, *std::move(value)});
    return value.has_value();
  }

  std::optional<Value> special(const Json& json, unsigned level) {
    const auto& name = json.begin().key();
    const Json& given = json.begin().value();
    if (name == "$map") return pairs(given, level);
    if (name == "$end") return Value(Value::End{});
    if (name == "$object") return object(json);
    auto text = name == "$base64" ? bytes_of(json) : bytes_of(given);
    if (!text) return std::nullopt;
    if (name == "$base64") return Value(*std::move(text));
    if (name == "$problem") return Value(Problem{*std::move(text)});
    if (name == "$misuse") return Value(Misuse{*std::move(text)});
    if (name == "$number") return number(*text);
    if (name != "$response") return std::nullopt;
    const auto parsed = parser::Message::parse(*text, {});
    if (!parsed.message || parsed.fault.code != 0 || parsed.message->is_request()) {
      return std::nullopt;
    }
    return Value(parsed.message);
  }

  static std::optional<Value> number(std::string_view text) {
    if (text == "nan") return Value(std::nan(""));
    if (text == "inf" || text == "-inf") return Value(text == "inf" ? HUGE_VAL : -HUGE_VAL);
    return std::nullopt;
  }

  /// Names that are no UTF-8 are left out: there is no text of the file that they could view.
  std::optional<Value> pairs(const Json& json, unsigned level) {
    if (!json.is_array()) return std::nullopt;
    Value::Map map;
    for (const Json& pair : json) {
      if (!pair.is_array() || pair.size() != 2) return std::nullopt;
      if (!pair[0].is_string()) continue;
      if (!add(map, pair[0].get_ref<const std::string&>(), pair[1], level)) return std::nullopt;
    }
    return Value(std::move(map));
  }

  std::optional<Value> object(const Json& json) const {
    const auto place = json.find("place");
    const Json& name = json.begin().value();
    if (!name.is_string() || place == json.end() || !place->is_number_unsigned()) {
      return std::nullopt;
    }
    for (unsigned kind = 0; kind < functions_.kinds(); ++kind) {
      const auto known = static_cast<ObjectKind>(kind);
      if (functions_.name(known) != name.get_ref<const std::string&>()) continue;
      return Value(Object{.kind = known, .place = place->get<std::uint32_t>()});
    }
    return std::nullopt;
  }

  const FunctionTable& functions_;
};

}  // namespace

Json bytes_to_json(std::string_view bytes) {
  if (base::is_utf8(bytes)) return std::string(bytes);
  return one("$base64", base::encode_base64(bytes, base::Base64::standard));
}

std::optional<std::string> bytes_of(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  if (!json.is_object() || json.size() != 1 || json.begin().key() != "$base64" ||
      !json.begin().value().is_string()) {
    return std::nullopt;
  }
  return base::decode_base64(json.begin().value().get_ref<const std::string&>(),
                             base::Base64::standard);
}

Json to_json(const Value& value, const ObjectJson& object) {
  std::string_view room;
  if (const auto* const text = value.text(room)) return bytes_to_json(*text);
  if (const auto* const flag = value.get<bool>()) return *flag;
  if (const auto* const whole = value.get<std::int64_t>()) return *whole;
  if (const auto* const number = value.get<double>()) {
    return std::isfinite(*number) ? Json(*number) : one("$number", fmt::format("{}", *number));
  }
  if (const auto* const list = value.get<Value::List>()) {
    Json values = Json::array();
    for (const Value& each : *list) values.push_back(to_json(each, object));
    return values;
  }
  if (const auto* const map = value.get<Value::Map>()) return map_to_json(*map, object);
  if (const auto* const problem = value.get<Problem>()) {
    return one("$problem", bytes_to_json(problem->text));
  }
  if (const auto* const misuse = value.get<Misuse>()) {
    return one("$misuse", bytes_to_json(misuse->text));
  }
  if (const auto* const response = value.get<Value::Response>()) {
    return one("$response", bytes_to_json((*response)->raw()));
  }
  if (const auto* const self = value.get<Object>()) return object(*self);
  if (value.get<Value::End>()) return one("$end", true);
  return nullptr;
}

std::optional<Value> value_of(const Json& json, const FunctionTable& functions) {
  return Reader(functions).read(json);
}

}  // namespace opensips::routing::recording
