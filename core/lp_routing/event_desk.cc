#include "lp_routing/event_desk.hh"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "lp_routing/event_value.hh"
#include "lp_routing/routing.hh"

namespace opensips::routing {

namespace {

using manage::Event;
using manage::EventField;
using Scope = manage::Events::Scope;

/// Numbers are equal whatever they are kept as.
bool is_equal(const manage::EventValue& a, const manage::EventValue& b) {
  const auto* const whole = std::get_if<std::int64_t>(&a);
  const auto* const real = std::get_if<double>(&b);
  if (whole && real) return static_cast<double>(*whole) == *real;
  return a == b;
}

bool fits(const Event& event, const std::vector<EventField>& filter) {
  return std::ranges::all_of(filter, [&](const EventField& wanted) {
    const auto* const value = event.find(wanted.name);
    return value && (is_equal(*value, wanted.value) || is_equal(wanted.value, *value));
  });
}

/// Of those who wait for this event with that field, among others; only texts tell them apart.
std::string key_of(std::string_view event, const EventField& field) {
  const auto* const text = std::get_if<std::string>(&field.value);
  return text ? fmt::format("{}\n{}\n{}", event, field.name, *text) : std::string(event);
}

/// By which of its fields somebody who waits is found.
std::string key_of(std::string_view event, const std::vector<EventField>& filter) {
  const auto text = std::ranges::find_if(filter, [](const EventField& field) {
    return std::holds_alternative<std::string>(field.value);
  });
  return text == filter.end() ? std::string(event) : key_of(event, *text);
}

}  // namespace

EventDesk::EventDesk(Routing& routing, unsigned worker, manage::Events& events)
    : routing_(routing), worker_(worker), events_(events) {}

void EventDesk::handle(std::span<const std::string> names) {
  const auto before = std::exchange(handled_, {});
  for (const auto& name : names) {
    if (events_.listen(name, worker_, Scope::here)) handled_.push_back(name);
  }
  for (const auto& name : before) events_.unlisten(name, worker_, Scope::here);
}

bool EventDesk::wait(Run& run, std::string_view name, Filter filter) {
  if (!events_.listen(name, worker_, Scope::everywhere)) return false;
  auto key = key_of(name, filter);
  waiting_[key].emplace(run.id.bits, Waiter{run.id, run.waits + 1, std::move(filter)});
  places_.emplace(run.id.bits, Place{std::string(name), std::move(key)});
  run.listening = true;
  return true;
}

void EventDesk::forget(Run& run) {
  run.listening = false;
  const auto place = places_.extract(run.id.bits);
  if (place.empty()) return;
  const auto& [event, key] = place.mapped();
  const auto found = waiting_.find(key);
  found->second.erase(run.id.bits);
  if (found->second.empty()) waiting_.erase(found);
  events_.unlisten(event, worker_, Scope::everywhere);
}

void EventDesk::find(const std::string& key, const Event& event, Woken& to) const {
  const auto found = waiting_.find(key);
  if (found == waiting_.end()) return;
  for (const auto& [run, waiter] : found->second) {
    if (fits(event, waiter.filter)) to.emplace_back(waiter.run, waiter.wait);
  }
}

void EventDesk::take(const manage::EventRef& event, bool here) {
  if (here && !routing_.begin_event(event)) events_.drop();
  if (waiting_.empty()) return;
  Woken woken;
  find(event->name, *event, woken);
  for (const auto& field : event->fields) {
    if (std::holds_alternative<std::string>(field.value)) {
      find(key_of(event->name, field), *event, woken);
    }
  }
  for (const auto& [run, wait] : woken) routing_.wake(run, wait, table_of(*event));
}

}  // namespace opensips::routing
