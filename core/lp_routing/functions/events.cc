#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "lp_routing/event_value.hh"
#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/groups.hh"
#include "lp_routing/functions/program.hh"
#include "lp_routing/functions/services.hh"
#include "lp_routing/functions/suggest.hh"
#include "manage/events.hh"

namespace opensips::routing {
namespace {

struct EventName {
  std::string_view text;
};
struct EventHandler {
  Value::Callback function;
};
struct Fields {
  std::vector<manage::EventField> all;
};

}  // namespace

template <>
struct Argument<EventName> {
  static constexpr std::string_view type = "string";
  static bool from(const Value& value, EventName& to, std::string& why) {
    std::string_view room;
    const auto* const text = value.text(room);
    if (!text) return false;
    to.text = *text;
    if (manage::is_event_name(*text)) return true;
    why = "expected the name of an event: E_ and capital letters, digits and underscores";
    return false;
  }
};
template <>
struct Argument<EventHandler> {
  static constexpr std::string_view type = "event_handler";
  static bool from(const Value& value, EventHandler& to, std::string& why) {
    why = "expected function";
    return Argument<Value::Callback>::from(value, to.function, why);
  }
};
template <>
struct Argument<Fields> {
  static constexpr std::string_view type = "table";
  static bool from(const Value& value, Fields& to, std::string& why) {
    if (const auto* const list = value.get<Value::List>(); list && !list->empty()) {
      why = "expected a table of fields by their names";
      return false;
    }
    const auto* const map = value.get<Value::Map>();
    if (!map) return false;
    auto fields = fields_of(*map, why);
    if (fields) to.all = std::move(*fields);
    return fields.has_value();
  }
};

namespace {

/// What is wrong with listening for it: a name that nobody will ever raise.
std::optional<Misuse> unknown(const Call& call, std::string_view name) {
  const auto& types = call.program.event_types();
  if (types.find(name) || !types.is_reserved(name)) return std::nullopt;
  std::vector<std::string_view> names;
  for (const auto& type : types.all()) names.push_back(type.name);
  std::string text = fmt::format("{}: the server has no event {}", call.function.full_name(), name);
  const auto meant = nearest(name, names);
  if (!meant.empty()) text += fmt::format(", did you mean {}?", meant);
  return Misuse{std::move(text)};
}

Value on_event(Call& call, EventName name, EventHandler handler) {
  if (auto wrong = unknown(call, name.text)) return std::move(*wrong);
  if (call.program.set_event_handler(name.text, handler.function)) return {};
  return Misuse{fmt::format("sip.on_event: {} has a handler already", name.text)};
}

Value raise(Call& call, EventName name, std::optional<Fields> fields) {
  if (call.program.event_types().is_reserved(name.text)) {
    return Misuse{
        fmt::format("sip.raise: {} is the server's own, expected another name", name.text)};
  }
  manage::Event event{std::string(name.text), {}};
  if (fields) event.fields = std::move(fields->all);
  call.services->raise_event(std::move(event));
  return {};
}

Value wait(Call& call, EventName name, std::optional<Fields> filter,
           std::chrono::milliseconds limit) {
  if (auto wrong = unknown(call, name.text)) return std::move(*wrong);
  const bool begun = call.services->wait_event(
      *call.run, name.text, filter ? std::move(filter->all) : std::vector<manage::EventField>(),
      static_cast<std::uint64_t>(limit.count()));
  if (begun) return Value::Wait{};
  return Problem{"too many names of events"};
}

constexpr ObjectKind kSip = ObjectKind::sip;

constexpr Function kRows[] = {
    function<on_event>(
        kSip, "on_event", "name, handler", "", kTopLevel,
        "Names the function that is told of an event, of the server or of the script's own: "
        "handler(event, name), with a table of its fields. It runs once for each event, on the "
        "worker where it has happened, and may wait; it is the current version of the script "
        "that is told. When events come faster than they can be told of, those beyond 1000 that "
        "wait, or beyond 1000 handlers that run, are dropped and counted (event:dropped). Several "
        "events may be named, each once."),
    function<raise>(
        kSip, "raise", "name, fields", "", kInHandlers,
        "Something of the script's own has happened: who listens for an event of that name is "
        "told, on all workers and on management connections. The name begins with E_, "
        "and not like one of the server's. The fields are text, numbers and booleans, at most 32 "
        "of them and 8192 bytes in all. Nobody is waited for."),
    waiting(function<wait>(
        kSip, "wait", "name, filter, limit", "table, err", kInHandlers,
        "Waits for the next event of that name, on whatever worker it happens, that has these "
        "fields with these values; nil as the filter means any. Gives its fields. err is "
        "\"timed out\" when the time has passed, \"cancelled\" when the caller gives up.")),
};

}  // namespace

std::span<const Function> event_functions() {
  return kRows;
}

}  // namespace opensips::routing
