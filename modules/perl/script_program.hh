#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "lp_routing/functions/program.hh"
#include "lp_routing/functions/table.hh"
#include "manage/events.hh"

namespace opensips::perl {

/// A script in Perl as the functions see it that it calls. It has no handlers and functions of
/// Lua's kind: its own are found by their names.
class ScriptProgram final : public routing::Program {
 public:
  ScriptProgram(const routing::FunctionTable& functions, std::uint32_t version)
      : functions_(functions), version_(version) {}

  bool set_handler(routing::Handler, routing::Value::Callback) override { return false; }
  void set_handler(routing::Run&, routing::Handler,
                   std::optional<routing::Value::Callback>) override {}
  bool set_event_handler(std::string_view, routing::Value::Callback) override { return false; }
  const manage::EventTypes& event_types() const override { return events_; }
  std::uint32_t generation() const override { return version_; }
  std::string_view keep(std::string text) override { return kept_.emplace_back(std::move(text)); }
  std::optional<std::uint32_t> intern(std::string_view) override { return std::nullopt; }
  std::string_view interned(std::uint32_t) const override { return {}; }
  void add_timer(std::chrono::milliseconds, routing::Value::Callback, bool) override {}
  int keep_task(routing::Value::Callback, std::size_t) override { return 0; }
  const routing::FunctionTable& functions() const override { return functions_; }

  /// What the last call gave has been delivered.
  void forget() { kept_.clear(); }

 private:
  const routing::FunctionTable& functions_;
  const std::uint32_t version_;
  const manage::EventTypes events_;
  std::deque<std::string> kept_;
};

}  // namespace opensips::perl
