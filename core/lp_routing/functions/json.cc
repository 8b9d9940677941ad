#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/utf8.hh"
#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/groups.hh"
#include "lp_routing/functions/program.hh"

namespace opensips::routing {
namespace {

constexpr std::size_t kMaxDepth = 32;
constexpr std::size_t kMaxValues = 100'000;

/// Builds a program's value while the text is read: no document is made in between, and what is too
/// deep or too much ends the reading.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Builder(Program& program) : program_(program) {}

  /// What was read.
  Value value;
  std::string why;

  bool null() override { return add(open_.empty() || is_map() ? Value() : Value(false)); }
  bool boolean(bool given) override { return add(given); }
  bool number_integer(std::int64_t given) override { return add(given); }
  bool number_unsigned(std::uint64_t given) override {
    return add(given > INT64_MAX ? Value(static_cast<double>(given))
                                 : Value(static_cast<std::int64_t>(given)));
  }
  bool number_float(double given, const std::string&) override { return add(given); }
  bool string(std::string& given) override { return add(std::move(given)); }
  bool binary(nlohmann::json::binary_t&) override { return false; }
  bool start_object(std::size_t) override { return begin(Value::Map{}); }
  bool start_array(std::size_t) override { return begin(Value::List{}); }
  bool end_object() override { return end(); }
  bool end_array() override { return end(); }
  bool key(std::string& name) override {
    name_ = program_.keep(std::move(name));
    return true;
  }
  bool parse_error(std::size_t place, const std::string&,
                   const nlohmann::detail::exception&) override {
    why = fmt::format("not JSON, at byte {}", place);
    return false;
  }

 private:
  struct Open {
    std::string_view name;  // in what it is in
    Value value;
  };

  bool is_map() const { return open_.back().value.get<Value::Map>() != nullptr; }

  bool begin(Value made) {
    if (open_.size() == kMaxDepth) {
      why = fmt::format("more than {} levels deep", kMaxDepth);
      return false;
    }
    open_.push_back({name_, std::move(made)});
    return true;
  }

  bool end() {
    Open closed = std::move(open_.back());
    open_.pop_back();
    name_ = closed.name;
    return add(std::move(closed.value));
  }

  bool add(Value given) {
    if (++count_ > kMaxValues) {
      why = fmt::format("more than {} values", kMaxValues);
      return false;
    }
    if (open_.empty()) {
      value = std::move(given);
    } else if (auto* const map = std::get_if<Value::Map>(&open_.back().value.any)) {
      map->push_back({name_, std::move(given)});
    } else {
      std::get_if<Value::List>(&open_.back().value.any)->push_back(std::move(given));
    }
    return true;
  }

  Program& program_;
  std::vector<Open> open_;
  std::string_view name_;
  std::size_t count_ = 0;
};

Value parse_json(Call& call, Bytes text) {
  Builder builder(call.program);
  if (nlohmann::json::sax_parse(text.text, &builder)) return std::move(builder.value);
  return Problem{builder.why.empty() ? "not JSON" : std::move(builder.why)};
}

/// A JSON value; nothing for what has none: a function, an object, text that is no UTF-8.
bool write(const Value& value, nlohmann::json& to) {
  std::string_view room;
  if (const auto* const text = value.text(room)) {
    if (!base::is_utf8(*text)) return false;
    to = *text;
  } else if (const auto* const list = value.get<Value::List>()) {
    to = nlohmann::json::array();
    for (const Value& one : *list) {
      if (!write(one, to.emplace_back())) return false;
    }
  } else if (const auto* const map = value.get<Value::Map>()) {
    to = nlohmann::json::object();
    for (const auto& [name, entry] : *map) {
      if (!base::is_utf8(name) || !write(entry, to[std::string(name)])) return false;
    }
  } else if (const auto* const flag = value.get<bool>()) {
    to = *flag;
  } else if (const auto* const whole = value.get<std::int64_t>()) {
    to = *whole;
  } else if (const auto* const number = value.get<double>()) {
    if (!std::isfinite(*number)) return false;
    to = *number;
  } else {
    return value.is_nil();
  }
  return true;
}

Value write_json(Call& call, Value value) {
  nlohmann::json json;
  if (write(value, json)) return json.dump();
  return Misuse{fmt::format(
      "{}: only text in UTF-8, numbers, booleans, nil and tables of them can be written",
      call.function.full_name())};
}

constexpr Function kRows[] = {
    function<parse_json>(
        ObjectKind::parse, "json", "text", "any, err", kAnywhere,
        "What a JSON text says. An object is a table by name, in which null leaves nothing; in a "
        "list null is false. At most 32 levels and 100,000 values."),
    function<write_json>(ObjectKind::write, "json", "value", "string", kAnywhere,
                         "The value as JSON: a table with 1, 2, … is a list, any other an object, "
                         "one that is empty too."),
};

}  // namespace

std::span<const Function> json_functions() {
  return kRows;
}

}  // namespace opensips::routing
