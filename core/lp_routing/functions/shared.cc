#include "base/shared_table.hh"

#include <chrono>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/groups.hh"
#include "lp_routing/functions/program.hh"
#include "lp_routing/functions/services.hh"

namespace opensips::routing {
namespace {

using base::SharedTable;
using Outcome = SharedTable::Outcome;
using Expiry = std::optional<std::chrono::milliseconds>;

constexpr std::size_t kMaxName = 256;
constexpr std::size_t kMaxNames = 10'000;

/// Of a table, or of a value in one.
struct Name {
  std::string_view text;
};
/// What can be shared.
struct Shared {
  SharedTable::Value value;
};
struct CountFields {
  Expiry expires;
  std::optional<std::int64_t> most;
};

}  // namespace

template <>
struct Argument<Name> {
  static constexpr std::string_view type = "string";
  static bool from(const Value& value, Name& to, std::string& why) {
    std::string_view room;
    const auto* const text = value.text(room);
    if (!text) return false;
    to.text = *text;
    if (text->empty() || text->size() > kMaxName) {
      why = fmt::format("expected 1 to {} bytes, got {}", kMaxName, text->size());
    }
    return why.empty();
  }
};
template <>
struct Argument<Shared> {
  static constexpr std::string_view type = "boolean|number|string";
  static bool from(const Value& value, Shared& to, std::string& why) {
    if (const auto* const flag = value.get<bool>()) {
      to.value = *flag;
    } else if (const auto* const whole = value.get<std::int64_t>()) {
      to.value = *whole;
    } else if (const auto* const number = value.get<double>()) {
      to.value = *number;
    } else {
      Body body;
      if (!Argument<Body>::from(value, body, why)) return false;
      to.value = std::string(body.text);
    }
    return true;
  }
};
template <>
struct OptionTable<CountFields> {
  static constexpr std::tuple fields{
      Option<CountFields, Expiry>{"expires", &CountFields::expires,
                                  "how long the number lasts from its first addition"},
      Option<CountFields, std::optional<std::int64_t>>{"most", &CountFields::most,
                                                       "what it may not pass"}};
};

namespace {

Value shared(Call& call, Name name) {
  const auto number = call.program.intern(name.text);
  if (!number) return Misuse{"sip.shared: a script has too many tables"};
  return Object{.kind = ObjectKind::shared, .place = *number};
}

SharedTable& table_of(const Call& call) {
  return call.services->shared_table(call.program.interned(call.self.place));
}

std::uint64_t end_of(const Call& call, const Expiry& expires) {
  if (!expires) return SharedTable::kForever;
  return call.services->now_ms() + static_cast<std::uint64_t>(expires->count());
}

Value outcome_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::done: return true;
    case Outcome::refused: return Problem{"refused"};
    case Outcome::full: break;
  }
  return Problem{"full"};
}

Value get(Call& call, Name name) {
  auto found = table_of(call).get(name.text, call.services->now_ms());
  if (!found) return {};
  return std::visit([](auto& value) { return Value(std::move(value)); }, *found);
}

Value set(Call& call, Name name, Shared value, Expiry expires) {
  return outcome_of(table_of(call).set(name.text, std::move(value.value), end_of(call, expires),
                                       call.services->now_ms()));
}

Value set_if(Call& call, Name name, std::optional<Shared> expected, Shared value, Expiry expires) {
  const auto before = expected ? std::optional(std::move(expected->value)) : std::nullopt;
  return outcome_of(table_of(call).compare_and_set(name.text, before, std::move(value.value),
                                                   end_of(call, expires), call.services->now_ms()));
}

Value increase(Call& call, Name name, std::optional<std::int64_t> by,
               std::optional<CountFields> options) {
  const CountFields given = options.value_or(CountFields{});
  const auto count = table_of(call).add(name.text, by.value_or(1), given.most.value_or(INT64_MAX),
                                        end_of(call, given.expires), call.services->now_ms());
  return count.outcome == Outcome::done ? Value(count.value) : outcome_of(count.outcome);
}

Value remove(Call& call, Name name) {
  return table_of(call).remove(name.text, call.services->now_ms());
}

Value names(Call& call, std::optional<Bytes> prefix) {
  Value::List list;
  for (auto& name :
       table_of(call).names(prefix ? prefix->text : "", kMaxNames, call.services->now_ms())) {
    list.push_back(std::move(name));
  }
  return list;
}

Value to_text(Call& call) {
  return std::string(call.program.interned(call.self.place));
}

constexpr ObjectKind kShared = ObjectKind::shared;
constexpr Places kRunning = kInHandlers | place_of(Handler::startup);

consteval Function running(Function row) {
  row.places = kRunning;
  return row;
}

constexpr Function kRows[] = {
    function<shared>(ObjectKind::sip, "shared", "name", "shared", kAnywhere,
                     "The table of that name, which all workers share, and all versions of the "
                     "script: what one sets, the others see at once, until the server ends. All "
                     "tables together may hold script_shared_memory."),
    running(method<get>(kShared, "get", "name", "boolean|number|string|nil",
                        "The value of that name, nil if there is none (any more).")),
    running(method<set>(kShared, "set", "name, value, expires", "true, err",
                        "Sets a value, for good or for as long as it is said. err is \"full\" when "
                        "there is no memory left.")),
    running(method<set_if>(
        kShared, "set_if", "name, expected, value, expires", "true, err",
        "Sets a value if the one that is there is the expected one, nil: if there is none: both "
        "in one step, whoever else does the same. err is \"refused\" if it is another.")),
    running(method<increase>(
        kShared, "increase", "name, by, options", "integer, err",
        "Adds to a number, 1 if it is not said what, and gives what it is then; it begins at 0. "
        "One step, so a limit holds exactly. err is \"refused\" if the number would pass `most`, "
        "and nothing is added, or if the value is no whole number.")),
    running(method<remove>(kShared, "remove", "name", "boolean",
                           "Takes a value away; whether there was one.")),
    running(method<names>(kShared, "names", "prefix", "string[]",
                          "The names of all values, or of those that begin so, 10,000 at most, in "
                          "no order.")),
    text<to_text>(kShared, "Its name."),
};

}  // namespace

std::span<const Function> shared_functions() {
  return kRows;
}

}  // namespace opensips::routing
