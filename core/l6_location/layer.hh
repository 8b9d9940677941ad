#pragma once

#include "l6_location/aor_table.hh"
#include "loop/context.hh"
#include "loop/passing_layer.hh"
#include "loop/timer_wheel.hh"

namespace opensips::location {

/// L6, optional: who is registered where. Messages pass: REGISTER is the script's to accept. On the
/// worker that is told to, it takes expired contacts out of the table, a little at a time.
class LocationLayer final : public loop::PassingLayer {
 public:
  LocationLayer(loop::Context& context, AorTable& table) : context_(context), table_(table) {}

  /// Before the worker runs; for one of the workers.
  void start_sweeping() { context_.timers.arm(sweep_, kSweepMs); }

 private:
  static constexpr std::uint64_t kSweepMs = 100;
  static constexpr std::size_t kBudget = 10'000;  // a million places in 10 s, 50 us each time

  void sweep() {
    table_.expire(context_.now(), kBudget);
    start_sweeping();
  }

  loop::Context& context_;
  AorTable& table_;
  loop::Timer sweep_ = loop::Timer::calling<&LocationLayer::sweep>(this);
};

}  // namespace opensips::location
