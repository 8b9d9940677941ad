#include "l6_location/event_feed.hh"

#include <functional>
#include <string>
#include <utility>

namespace opensips::location {

EventFeed::EventFeed(AorTable& table) {
  table.listen([this](const LocationEvent& event) {
    const bool has_happened = event.origin != Origin::restored;
    if (has_happened && wanted_.load(std::memory_order_relaxed) > 0) pass_on(event);
  });
}

void EventFeed::pass_on(const LocationEvent& event) const {
  if (workers_.empty()) return;
  const auto& home = workers_[std::hash<std::string_view>()(event.aor) % workers_.size()];
  home.mailbox->post([context = home.context, kind = event.kind, aor = std::string(event.aor),
                      binding = BindingRef(event.binding), version = event.version,
                      origin = event.origin] {
    context->bus.publish(LocationEvent{kind, aor, binding.get(), version, origin});
  });
}

}  // namespace opensips::location
