#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lp_routing/functions/program.hh"
#include "lp_routing/functions/table.hh"
#include "manage/events.hh"

namespace opensips::perl {

/// A script in Perl as the functions see it that it calls. Its functions are known by their names:
/// those that its top level names for events and times have numbers (add_callback()).
class ScriptProgram final : public routing::Program {
 public:
  /// What its top level has named: functions for what has no request.
  struct Named {
    struct Event {
      std::string name, function;
    };
    struct Timer {
      std::chrono::milliseconds period;
      std::string function;
      bool each_worker;
    };
    std::vector<Event> events;
    std::vector<Timer> timers;
  };

  /// All outlive it.
  ScriptProgram(const routing::FunctionTable& functions, std::uint32_t version,
                const manage::EventTypes& events)
      : functions_(functions), version_(version), events_(events) {}

  bool set_handler(routing::Handler, routing::Value::Callback) override { return false; }
  void set_handler(routing::Run&, routing::Handler,
                   std::optional<routing::Value::Callback>) override {}
  bool set_event_handler(std::string_view event, routing::Value::Callback function) override;
  const manage::EventTypes& event_types() const override { return events_; }
  std::uint32_t generation() const override { return version_; }
  std::string_view keep(std::string text) override { return kept_.emplace_back(std::move(text)); }
  /// The same in all programs of the process: objects go from one thread to another.
  std::optional<std::uint32_t> intern(std::string_view text) override;
  std::string_view interned(std::uint32_t number) const override;
  void add_timer(std::chrono::milliseconds period, routing::Value::Callback function,
                 bool each_worker) override;
  int keep_task(routing::Value::Callback, std::size_t) override { return 0; }
  const routing::FunctionTable& functions() const override { return functions_; }

  routing::Value::Callback add_callback(std::string function);
  const Named& named() const { return named_; }

  /// What the last call gave has been delivered.
  void forget() { kept_.clear(); }

 private:
  const routing::FunctionTable& functions_;
  const std::uint32_t version_;
  const manage::EventTypes& events_;
  std::deque<std::string> kept_;
  std::vector<std::string> callbacks_;
  Named named_;
};

}  // namespace opensips::perl
