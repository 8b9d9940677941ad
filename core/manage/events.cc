#include "manage/events.hh"

#include <algorithm>
#include <cassert>
#include <utility>

namespace opensips::manage {

namespace {

constexpr std::size_t kLongestName = 64;

/// "E_UL_" of "E_UL_CONTACT_INSERT".
std::string_view family_of(std::string_view name) {
  const auto end = name.find('_', 2);
  return end == std::string_view::npos ? name : name.substr(0, end + 1);
}

}  // namespace

const EventValue* Event::find(std::string_view field) const {
  const auto found = std::ranges::find(fields, field, &EventField::name);
  return found == fields.end() ? nullptr : &found->value;
}

bool is_event_name(std::string_view name) {
  return name.size() > 2 && name.size() <= kLongestName && name.starts_with("E_") &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
         });
}

void EventTypes::add(std::span<const EventType> types) {
  for (const EventType& type : types) {
    assert(is_event_name(type.name) && !find(type.name));
    all_.push_back(type);
  }
}

const EventType* EventTypes::find(std::string_view name) const {
  const auto found = std::ranges::find(all_, name, &EventType::name);
  return found == all_.end() ? nullptr : &*found;
}

bool EventTypes::is_reserved(std::string_view name) const {
  return std::ranges::any_of(
      all_, [&](const EventType& type) { return family_of(type.name) == family_of(name); });
}

Events::Events(unsigned workers) : listeners_(workers + 1) {}

void Events::set_listener(unsigned number, Listener listener) {
  listeners_[number].listener = std::move(listener);
}

void Events::add_to(base::Stats& statistics) {
  statistics.function("event:raised", [this] { return raised_.load(std::memory_order_relaxed); });
  statistics.function("event:dropped", [this] { return dropped_.load(std::memory_order_relaxed); });
}

Events::Topic* Events::find_or_make(std::string_view name) {
  const auto topics = topics_.lock();
  const auto found = topics->find(name);
  if (found != topics->end()) return found->second.get();
  if (topics->size() >= kMaxNames) return nullptr;
  return topics->emplace(name, std::make_unique<Topic>(listeners_.size())).first->second.get();
}

const Events::Topic* Events::topic(std::string_view name) {
  return find_or_make(name);
}

bool Events::listen(std::string_view name, unsigned listener, Scope scope) {
  Topic* const topic = find_or_make(name);
  if (!topic) return false;
  auto& counts = scope == Scope::here ? topic->here_ : topic->everywhere_;
  counts[listener].fetch_add(1, std::memory_order_relaxed);
  topic->all_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

void Events::unlisten(std::string_view name, unsigned listener, Scope scope) {
  Topic* const topic = find_or_make(name);
  assert(topic);
  auto& counts = scope == Scope::here ? topic->here_ : topic->everywhere_;
  topic->all_.fetch_sub(1, std::memory_order_relaxed);
  counts[listener].fetch_sub(1, std::memory_order_relaxed);
}

void Events::raise(const Topic& topic, unsigned where, EventRef event) {
  if (!is_wanted(topic)) return;
  raised_.fetch_add(1, std::memory_order_relaxed);
  const unsigned home = where == control() ? 0 : where;
  for (unsigned number = 0; number < listeners_.size(); ++number) {
    const bool here = number == home && topic.here_[number].load(std::memory_order_relaxed) > 0;
    if (!here && topic.everywhere_[number].load(std::memory_order_relaxed) == 0) continue;
    send(number, event, here);
  }
}

void Events::raise(unsigned where, Event event) {
  const Topic* topic = nullptr;
  {
    const auto topics = topics_.lock();
    const auto found = topics->find(event.name);
    if (found != topics->end()) topic = found->second.get();
  }
  if (!topic || !is_wanted(*topic)) return;
  raise(*topic, where, std::make_shared<const Event>(std::move(event)));
}

void Events::send(unsigned number, const EventRef& event, bool here) {
  Way& way = listeners_[number];
  if (!way.listener.post) return;
  if (way.waiting.fetch_add(1, std::memory_order_relaxed) >= kMaxWaiting) {
    way.waiting.fetch_sub(1, std::memory_order_relaxed);
    return drop();
  }
  const bool posted = way.listener.post([&way, event, here] {
    way.waiting.fetch_sub(1, std::memory_order_relaxed);
    way.listener.take(event, here);
  });
  if (!posted) way.waiting.fetch_sub(1, std::memory_order_relaxed);
}

std::vector<std::pair<std::string, std::uint32_t>> Events::listened() const {
  std::vector<std::pair<std::string, std::uint32_t>> all;
  const auto topics = topics_.lock();
  for (const auto& [name, topic] : *topics) {
    const auto count = topic->all_.load(std::memory_order_relaxed);
    if (count > 0) all.emplace_back(name, count);
  }
  return all;
}

}  // namespace opensips::manage
