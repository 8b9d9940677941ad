#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "loop/mailbox.hh"
#include "lp_routing/functions/function.hh"
#include "lp_routing/run_id.hh"

namespace opensips::routing {

class Routing;

/// Wakes a handler that waits in a function. It holds ids only: whatever has become of the request
/// since, waking it is safe and at worst does nothing. Any thread; copies are as good.
class Waker {
 public:
  Waker() = default;
  /// By Services, for the wait that `run` is about to begin.
  Waker(std::shared_ptr<loop::Mailbox> mailbox, Routing& routing, const Run& run);

  /// The handler goes on with this result, unless something else has woken it (the caller has given
  /// up, this was called before). Text is copied; names in tables have to be literals. False if the
  /// worker has gone.
  bool wake(Value result) const;

 private:
  friend class Continuation;

  std::shared_ptr<loop::Mailbox> mailbox_;
  Routing* routing_ = nullptr;
  RunId run_;
  std::uint32_t wait_ = 0;
};

/// For a function that waits: whoever has this wakes the handler, after the function has returned
/// Value::Wait.
Waker waker_of(const Call& call);

/// The rest of a function that waits, for one that has more to do than to give a result: it may
/// answer the request. Ids only, like a Waker; copies are as good.
class Continuation {
 public:
  /// For the wait that this call is about to begin.
  explicit Continuation(const Call& call);

  /// Has `rest` run on the request's worker, in a turn of its own, with the call as it was; the
  /// function's result is what it returns, which is no Wait. If the handler waits no longer (the
  /// caller has given up), `rest` is destroyed and not run. False if the worker has gone. Any
  /// thread.
  bool go_on(std::move_only_function<Value(Call&)> rest) const;
  /// Likewise, and the handler goes on waiting.
  bool meanwhile(std::move_only_function<void(Call&)> work) const;

 private:
  bool find(std::move_only_function<void(Call&)> work) const;

  Waker waker_;
  const Function* function_;
  Program* program_;
  Services* services_;
  Object self_;
};

/// Has `work` done on a thread that may block, and makes the handler wait for what it returns:
///
///   Value size(Call& call, std::string_view file) {
///     return in_background(call, [file = std::string(file)]() -> Value { return size_of(file); });
///   }
///
/// `work` may touch nothing that belongs to a worker. When too much waits already it is not begun,
/// and the handler gets nil and "busy".
Value in_background(const Call& call, std::move_only_function<Value()> work);

/// The value with texts of its own, for another thread or a later time.
Value owned(Value value);

}  // namespace opensips::routing
