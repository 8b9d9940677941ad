#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <string>

#include "loop/control.hh"
#include "manage/command.hh"
#include "manage/events.hh"

namespace opensips::manage {

/// Clients of the management that are told of events: evi:subscribe and its like. What a client is
/// told is a notification of JSON-RPC 2.0: its method is the event, its params are the fields.
/// Control thread; outlives the clients.
class EventSubscriptions {
 public:
  EventSubscriptions(loop::Control& control, Events& events, const EventTypes& types);

  /// evi:list, evi:subscribers, evi:subscribe, evi:unsubscribe and evi:raise, with OpenSIPS's older
  /// names.
  void add_to(Commands& commands);

 private:
  struct Subscription {
    Client* client;
    std::string event;
    std::uint64_t ends_at;  // ms; 0: with the client
  };

  CommandResult list() const;
  CommandResult subscribers() const;
  CommandResult subscribe(const CommandArguments& arguments, Client* client);
  CommandResult unsubscribe(const std::string& event, Client* client);
  CommandResult raise(const CommandArguments& arguments);
  void take(const Event& event);
  void end(std::list<Subscription>::iterator one);
  void forget(const Client* client);
  void sweep();

  loop::Control& control_;
  Events& events_;
  const EventTypes& types_;
  std::list<Subscription> all_;
  loop::Control::Watch sweeper_;
};

}  // namespace opensips::manage
