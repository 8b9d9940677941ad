#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "lp_routing/run.hh"
#include "lp_routing/value.hh"

namespace opensips::routing {

/// What runs routing programs on one worker: Lua in this process, later applications outside.
/// Called by Routing on the worker only.
class Engine {
 public:
  virtual ~Engine() = default;

  /// Keeps what others have for this version of the program: it goes when the engine does.
  void keep(std::shared_ptr<void> part) { parts_.push_back(std::move(part)); }

  /// True if the program has a handler of that kind.
  virtual bool handles(Handler handler) const = 0;

  /// A function that the program wants to have run every so often.
  struct Every {
    std::chrono::milliseconds period;
    bool each_worker = false;  ///< else on one of them
    int task = 0;              ///< Run::task
  };
  virtual std::span<const Every> timers() const { return {}; }

  /// The events that the program has a handler for, by name.
  virtual std::span<const std::string> events() const { return {}; }

  /// Runs the handler. `finished`: it has ended (or failed: then the engine has logged it);
  /// otherwise it waits inside a function, and somebody will call Routing::wake() with its result.
  enum class Progress : std::uint8_t { finished, failed, waiting };
  virtual Progress start(Run& run) = 0;

  /// Goes on with a handler that waits: `result` is what the function that it waits in returns.
  virtual Progress resume(Run& run, Value result) = 0;

  /// The run ends while the handler still waits (the server stops): let go of run.engine_state.
  virtual void abandon(Run& run) = 0;

  /// Where in the program a handler is that waits, "route.lua:12"; empty: nobody knows.
  virtual std::string place_of(const Run&) const { return {}; }

  /// The run is over: what is in run.kept is not needed any more.
  virtual void release(Run&) {}

 private:
  std::vector<std::shared_ptr<void>> parts_;
};

}  // namespace opensips::routing
