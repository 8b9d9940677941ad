#pragma once

#include <utility>

#include "l6_location/aor_table.hh"
#include "l6_location/register_service.hh"
#include "loop/context.hh"
#include "loop/passing_layer.hh"
#include "loop/timer_wheel.hh"

namespace opensips::location {

/// L6, optional: who is registered where. Messages pass, but for those of the domains for which it
/// answers a REGISTER itself; others are the script's to accept. On the worker that is told to, it
/// takes expired contacts out of the table, a little at a time.
class LocationLayer final : public loop::PassingLayer {
 public:
  /// All of them outlive it.
  LocationLayer(loop::Context& context, AorTable& table, Registrar& registrar,
                RegisterService::Options options)
      : context_(context), table_(table), service_(context, registrar, std::move(options)) {}

  loop::Verdict up(loop::Walk& walk) override { return service_.up(walk); }

  RegisterService& service() { return service_; }

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
  RegisterService service_;
  loop::Timer sweep_ = loop::Timer::calling<&LocationLayer::sweep>(this);
};

}  // namespace opensips::location
