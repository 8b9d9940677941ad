#include <chrono>

#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/groups.hh"
#include "lp_routing/functions/program.hh"
#include "lp_routing/functions/services.hh"

namespace opensips::routing {
namespace {

/// Runs that belong to no request.
constexpr std::chrono::milliseconds kShortest{100};

struct TimerFields {
  bool each_worker = false;
};

}  // namespace

template <>
struct OptionTable<TimerFields> {
  static constexpr std::tuple fields{Option<TimerFields, bool>{
      "each_worker", &TimerFields::each_worker, "on each worker, in place of one of them"}};
};

namespace {

Value every(Call& call, std::chrono::milliseconds time, Value::Callback handler,
            std::optional<TimerFields> options) {
  if (time < kShortest) return Misuse{"sip.every: expected at least 100 ms"};
  call.program.add_timer(time, handler, options && options->each_worker);
  return {};
}

Value spawn(Call& call, Value::Callback function, std::span<const Value> arguments) {
  if (call.services->may_spawn()) {
    call.services->spawn(*call.run, call.program.keep_task(function, arguments.size()));
    return true;
  }
  return Problem{"too many functions run already"};
}

constexpr ObjectKind kSip = ObjectKind::sip;

constexpr Function kRows[] = {
    function<every>(kSip, "every", "time, handler, options", "", kTopLevel,
                    "Names a function that runs again and again, the first time when that time has "
                    "passed; on one of the workers. It may wait; while it does it is not begun "
                    "once more. With the next version of the script it ends, and that one's begin. "
                    "Several may be named."),
    function<spawn>(kSip, "spawn", "handler, arguments", "true, err", kInHandlers,
                    "Has a function run beside this handler, with those arguments: it begins soon "
                    "after, may wait, and goes on when this handler has ended. It has no request: "
                    "one that it is given is no longer good in it."),
};

}  // namespace

std::span<const Function> task_functions() {
  return kRows;
}

}  // namespace opensips::routing
