#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "base/event_bus.hh"
#include "base/stats.hh"
#include "loop/overload.hh"
#include "loop/path.hh"
#include "loop/timer_wheel.hh"

namespace opensips::loop {

/// What the layers of one worker share: its path, its timers, its event bus, its counters. A Worker
/// drives it by the real clock and real sockets, a model test by a clock and bytes of its own; the
/// layers see no difference.
class Context {
 public:
  /// `epoch` tells this process's ids from those of an earlier one.
  Context(unsigned worker, std::uint32_t epoch, std::uint64_t now_ms, base::Stats& registry)
      : worker_(worker),
        epoch_(epoch),
        timers(now_ms),
        path(worker, epoch),
        statistics(registry),
        stats(registry.new_block()) {}

  unsigned worker() const { return worker_; }
  std::uint32_t epoch() const { return epoch_; }
  /// Milliseconds of the monotonic clock, read once per turn.
  std::uint64_t now() const { return timers.now_ms(); }

  /// Runs `work` at the end of this turn: for what must not happen inside the call that finds it
  /// out. Nothing that goes down comes up again in the same call.
  void defer(std::move_only_function<void()> work) { deferred_.push_back(std::move(work)); }
  /// Runs what was deferred, and what that defers. The driver of the turn calls it.
  void run_deferred() {
    while (!deferred_.empty()) {
      auto batch = std::exchange(deferred_, {});
      for (auto& work : batch) work();
    }
  }
  bool has_deferred() const { return !deferred_.empty(); }

 private:
  unsigned worker_;
  std::uint32_t epoch_;
  std::vector<std::move_only_function<void()>> deferred_;

 public:
  TimerWheel timers;
  Overload overload;
  Path path;
  base::EventBus bus;
  base::Stats& statistics;  ///< to register counters with, at start
  base::StatsBlock& stats;  ///< this worker's share of them
};

}  // namespace opensips::loop
