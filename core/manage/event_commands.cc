#include "manage/event_commands.hh"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/clock.hh"

namespace opensips::manage {

namespace {

using namespace std::chrono_literals;
using Scope = Events::Scope;
using Type = CommandParameter::Type;

constexpr std::size_t kMostSubscriptions = 10'000;
constexpr auto kSweep = 1s;

std::unexpected<CommandError> refuse(int code, std::string why) {
  return std::unexpected(CommandError{code, std::move(why)});
}

Json json_of(const Event& event) {
  Json params = Json::object();
  for (const auto& [name, value] : event.fields) {
    std::visit([&](const auto& plain) { params[name] = plain; }, value);
  }
  return params;
}

std::optional<EventValue> value_of(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_integer()) return json.get<std::int64_t>();
  if (json.is_number()) return json.get<double>();
  return std::nullopt;
}

CommandParameter event_parameter() {
  return {.name = "event", .doc = "Its name: \"E_UL_CONTACT_INSERT\", or one of a script's own."};
}

}  // namespace

EventSubscriptions::EventSubscriptions(loop::Control& control, Events& events,
                                       const EventTypes& types)
    : control_(control), events_(events), types_(types) {
  events.set_listener(events.control(),
                      {.post =
                           [&control](std::function<void()> work) {
                             control.inbox().post(std::move(work));
                             return true;
                           },
                       .take = [this](const EventRef& event, bool) { take(*event); }});
}

CommandResult EventSubscriptions::list() const {
  Json all = Json::array();
  for (const auto& type : types_.all()) {
    Json parameters = Json::array();
    for (const auto& one : type.parameters) {
      parameters.push_back({{"name", one.name}, {"type", one.type}, {"doc", one.doc}});
    }
    all.push_back({{"name", type.name}, {"doc", type.doc}, {"params", std::move(parameters)}});
  }
  return Json{{"Events", std::move(all)}};
}

CommandResult EventSubscriptions::subscribers() const {
  Json all = Json::array();
  for (const auto& [name, count] : events_.listened()) {
    all.push_back({{"name", name}, {"subscribers", count}});
  }
  return Json{{"Events", std::move(all)}};
}

CommandResult EventSubscriptions::subscribe(const CommandArguments& arguments, Client* client) {
  const auto& name = arguments.text(0);
  if (!client) return refuse(400, "only on the control socket: who asks has to stay connected");
  if (!is_event_name(name)) return refuse(400, fmt::format("{:.64} is no name of an event", name));
  if (!types_.find(name) && types_.is_reserved(name)) {
    return refuse(404, fmt::format("the server has no event {}", name));
  }
  const std::int64_t expire = arguments.has(1) ? arguments.integer(1) : 0;
  if (expire < 0) return refuse(400, "expire: expected seconds");
  const auto ends_at =
      expire == 0 ? 0 : base::monotonic_ms() + static_cast<std::uint64_t>(expire) * 1000;
  const auto mine = std::ranges::find_if(
      all_, [&](const auto& one) { return one.client == client && one.event == name; });
  if (mine != all_.end()) {
    mine->ends_at = ends_at;
    return "OK";
  }
  if (all_.size() == kMostSubscriptions) return refuse(500, "too many subscriptions");
  if (!events_.listen(name, events_.control(), Scope::everywhere)) {
    return refuse(500, "too many names of events");
  }
  const bool known =
      std::ranges::any_of(all_, [&](const auto& one) { return one.client == client; });
  all_.push_back({client, name, ends_at});
  if (!known) client->at_end([this, client] { forget(client); });
  if (expire > 0 && !sweeper_) sweeper_ = control_.every(kSweep, [this] { sweep(); });
  return "OK";
}

CommandResult EventSubscriptions::unsubscribe(const std::string& event, Client* client) {
  const auto mine = std::ranges::find_if(
      all_, [&](const auto& one) { return one.client == client && one.event == event; });
  if (mine == all_.end()) return refuse(404, "not subscribed");
  end(mine);
  return "OK";
}

CommandResult EventSubscriptions::raise(const CommandArguments& arguments) {
  Event event{arguments.text(0), {}};
  if (!is_event_name(event.name)) {
    return refuse(400, fmt::format("{:.64} is no name of an event", event.name));
  }
  if (types_.is_reserved(event.name)) {
    return refuse(400, fmt::format("{} is the server's own, expected another name", event.name));
  }
  if (arguments.has(1)) {
    for (const auto& [name, json] : arguments[1].items()) {
      auto value = value_of(json);
      if (!value) return refuse(400, name + ": expected text, a number or a boolean");
      event.fields.push_back({name, std::move(*value)});
    }
  }
  events_.raise(events_.control(), std::move(event));
  return "OK";
}

void EventSubscriptions::take(const Event& event) {
  std::string line;
  for (const auto& one : all_) {
    if (one.event != event.name) continue;
    if (line.empty()) {
      line = to_text({{"jsonrpc", "2.0"}, {"method", event.name}, {"params", json_of(event)}});
    }
    if (!one.client->tell(line)) events_.drop();
  }
}

void EventSubscriptions::end(std::list<Subscription>::iterator one) {
  events_.unlisten(one->event, events_.control(), Scope::everywhere);
  all_.erase(one);
}

void EventSubscriptions::forget(const Client* client) {
  for (auto at = all_.begin(); at != all_.end();) {
    const auto one = at++;
    if (one->client == client) end(one);
  }
}

void EventSubscriptions::sweep() {
  const auto now = base::monotonic_ms();
  bool more = false;
  for (auto at = all_.begin(); at != all_.end();) {
    const auto one = at++;
    if (one->ends_at == 0) continue;
    more = true;
    if (one->ends_at <= now) end(one);
  }
  if (!more) sweeper_ = {};
}

void EventSubscriptions::add_to(Commands& commands) {
  commands.add({.name = "evi:list",
                .old_name = "events_list",
                .doc = "The events that the server makes, and what is in them.",
                .run = [this](const CommandArguments&) { return list(); }});
  commands.add({.name = "evi:subscribers",
                .old_name = "subscribers_list",
                .doc = "The events that somebody listens for: handlers and waiting functions of "
                       "scripts, and connections.",
                .run = [this](const CommandArguments&) { return subscribers(); }});
  commands.add(
      {.name = "evi:subscribe",
       .old_name = "event_subscribe",
       .doc = "Tells this connection of an event, each time: a notification with its name as the "
              "method.",
       .parameters = {event_parameter(),
                      {.name = "expire",
                       .type = Type::integer,
                       .optional = true,
                       .doc = "Seconds; without it, or 0: as long as the connection."}},
       .run_for = [this](const CommandArguments& arguments, Client* client) {
         return subscribe(arguments, client);
       }});
  commands.add({.name = "evi:unsubscribe",
                .old_name = "event_unsubscribe",
                .doc = "Takes evi:subscribe back.",
                .parameters = {event_parameter()},
                .run_for = [this](const CommandArguments& arguments, Client* client) {
                  return unsubscribe(arguments.text(0), client);
                }});
  commands.add(
      {.name = "evi:raise",
       .old_name = "raise_event",
       .doc = "Something has happened that the server does not know of: tells who listens "
              "for it, scripts too.",
       .parameters = {{.name = "event", .doc = "Its name, which is not like the server's."},
                      {.name = "params",
                       .type = Type::fields,
                       .optional = true,
                       .doc = "Its fields: text, numbers, booleans."}},
       .run = [this](const CommandArguments& arguments) { return raise(arguments); }});
}

}  // namespace opensips::manage
