#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "lp_routing/run.hh"
#include "manage/events.hh"

namespace opensips::routing {

class Routing;

/// What the programs of one worker have to do with events: their handlers (`sip.on_event`), which
/// run where an event happens, and the runs that wait for one (`sip.wait`), wherever it does.
///
/// Who waits is found by one field of what it waits for, so that an event looks at few of them.
class EventDesk {
 public:
  using Filter = std::vector<manage::EventField>;

  EventDesk(Routing& routing, unsigned worker, manage::Events& events);
  EventDesk(const EventDesk&) = delete;
  EventDesk& operator=(const EventDesk&) = delete;

  /// The handlers of the current program, in place of those before it.
  void handle(std::span<const std::string> names);
  /// The wait that this run is about to begin ends with an event of that name whose fields are as
  /// in `filter`. False: too many names.
  bool wait(Run& run, std::string_view name, Filter filter);
  /// The run waits no longer.
  void forget(Run& run);
  /// Something of the program's own has happened here.
  void raise(manage::Event event) { events_.raise(worker_, std::move(event)); }
  /// There: an event that this worker listens for. `here`: its handler runs on this one.
  void take(const manage::EventRef& event, bool here);

 private:
  struct Waiter {
    RunId run;
    std::uint32_t wait;  // Run::waits
    Filter filter;
  };
  struct Place {
    std::string event, key;
  };

  using Woken = std::vector<std::pair<RunId, std::uint32_t>>;

  void find(const std::string& key, const manage::Event& event, Woken& to) const;

  Routing& routing_;
  const unsigned worker_;
  manage::Events& events_;
  std::vector<std::string> handled_;
  // By the name of the event and one field; then by the bits of the run's id.
  std::unordered_map<std::string, std::unordered_map<std::uint64_t, Waiter>> waiting_;
  std::unordered_map<std::uint64_t, Place> places_;  // by the bits of the run's id
};

}  // namespace opensips::routing
