#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "l6_location/aor_table.hh"
#include "loop/context.hh"
#include "loop/mailbox.hh"

namespace opensips::location {

/// Brings what happens to registrations, on whatever thread, onto the event buses of the workers:
///
///   context.bus.subscribe<location::LocationEvent>([](const auto& event) { … event.aor … });
///
/// All events of an AoR come to the same worker. What an event views lives as long as the handler
/// runs. It costs a message to a worker, so nothing is published until somebody has said that he
/// wants it.
class EventFeed {
 public:
  /// Before any other thread has the table, which outlives the feed.
  explicit EventFeed(AorTable& table);
  EventFeed(const EventFeed&) = delete;
  EventFeed& operator=(const EventFeed&) = delete;

  /// At start, for each worker, before there are changes. The context lives until the mailbox is
  /// closed.
  void add_worker(std::shared_ptr<loop::Mailbox> mailbox, loop::Context& context) {
    workers_.push_back({std::move(mailbox), &context});
  }

  /// From now on events are published, or not: how many have asked for them. Any thread.
  void want() { wanted_.fetch_add(1, std::memory_order_relaxed); }
  void want_no_more() { wanted_.fetch_sub(1, std::memory_order_relaxed); }

 private:
  struct Home {
    std::shared_ptr<loop::Mailbox> mailbox;
    loop::Context* context;
  };

  void pass_on(const LocationEvent& event) const;

  std::vector<Home> workers_;
  std::atomic<int> wanted_{0};
};

}  // namespace opensips::location
