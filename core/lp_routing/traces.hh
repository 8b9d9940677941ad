#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/guarded.hh"
#include "lp_routing/call_filter.hh"
#include "lp_routing/functions/function.hh"
#include "lp_routing/run.hh"
#include "lp_routing/value.hh"
#include "manage/command.hh"

namespace opensips::routing {

/// What the script has done with a call: the functions that its handlers called, in the order of
/// time, whatever worker they ran on. Any thread.
class TracedCall {
 public:
  /// Where a message went in a step, as the script knows of it.
  enum class Arrow : std::uint8_t { none, from_caller, to_caller, to_callee, from_callee };

  explicit TracedCall(std::string call_id) : call_id_(std::move(call_id)) {}

  const std::string& call_id() const { return call_id_; }
  /// Keeps the step and logs it; of very many only the first ones.
  void add(Arrow arrow, std::string what, std::string where);

  /// A line for each step: milliseconds since the first one, the place in the script, and what.
  manage::Json lines() const;
  /// The messages as arrows between caller, script and callees, and what was done between them.
  manage::Json ladder() const;

 private:
  struct Step {
    std::uint64_t time;  // ms
    Arrow arrow;
    std::string what;
    std::string where;  // "route.lua:12"; empty: in no line of the script
  };
  static constexpr std::size_t kMaxSteps = 500;

  const std::string call_id_;
  base::Guarded<std::vector<Step>> steps_;
};

/// One run of a handler that is traced: belongs to its worker.
class Trace {
 public:
  explicit Trace(std::shared_ptr<TracedCall> call) : call_(std::move(call)) {}

  void begin(const Run& run);
  /// The script calls a function; `arguments` as they are to be shown.
  void call(const Function& function, std::string_view arguments, std::string where,
            const Run& run);
  /// The handler waits; and it goes on with this.
  void wait();
  void wake(const Value& result);
  void end(std::string_view failure);

 private:
  using Arrow = TracedCall::Arrow;

  std::shared_ptr<TracedCall> call_;
  std::string waits_in_;  // the function called last
  std::chrono::steady_clock::time_point waits_since_;
};

/// Which calls are traced, when an operator wants to know. While none are, a run costs a load.
class Traces {
 public:
  using Filter = CallFilter;

  /// What follows this run; nullptr: nothing does. On a worker.
  std::shared_ptr<Trace> begin(const Run& run) {
    return is_on_.load(std::memory_order_relaxed) && run.request ? find(run) : nullptr;
  }

  /// Begins anew, with calls that come from now on: as many, and for so long. Control thread.
  void start(Filter filter, std::size_t calls, std::chrono::seconds time);
  /// script:trace and what belongs to it. Control thread.
  void add_to(manage::Commands& commands);

 private:
  struct State {
    Filter filter;
    std::size_t calls_left = 0;
    std::chrono::steady_clock::time_point end;
    std::vector<std::shared_ptr<TracedCall>> calls;  ///< as they came
    /// The same, by names that they own.
    std::unordered_map<std::string_view, std::shared_ptr<TracedCall>> by_call_id;
  };

  std::shared_ptr<Trace> find(const Run& run);
  manage::CommandResult start(const manage::CommandArguments& given);
  manage::CommandResult stop();
  manage::CommandResult show(const manage::CommandArguments& given, bool as_ladder) const;

  std::atomic<bool> is_on_ = false;
  base::Guarded<State> state_;
};

}  // namespace opensips::routing
