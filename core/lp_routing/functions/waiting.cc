#include "lp_routing/functions/waiting.hh"

#include <cassert>
#include <string>
#include <utility>

#include "lp_routing/functions/services.hh"
#include "lp_routing/routing.hh"

namespace opensips::routing {

Waker::Waker(std::shared_ptr<loop::Mailbox> mailbox, Routing& routing, const Run& run)
    : mailbox_(std::move(mailbox)), routing_(&routing), run_(run.id), wait_(run.waits + 1) {}

bool Waker::wake(Value result) const {
  if (!mailbox_) return false;
  return mailbox_->post([to = *this, result = owned(std::move(result))]() mutable {
    to.routing_->wake(to.run_, to.wait_, std::move(result));
  });
}

Waker waker_of(const Call& call) {
  return call.services->waker(*call.run);
}

Continuation::Continuation(const Call& call)
    : waker_(waker_of(call)),
      function_(&call.function),
      program_(&call.program),
      services_(call.services),
      self_(call.self) {}

bool Continuation::go_on(std::move_only_function<Value(Call&)> rest) const {
  return find([to = waker_, rest = std::move(rest)](Call& call) mutable {
    to.routing_->wake(to.run_, to.wait_, rest(call));
  });
}

bool Continuation::meanwhile(std::move_only_function<void(Call&)> work) const {
  return find(std::move(work));
}

/// Has the work run there, if the run still waits.
bool Continuation::find(std::move_only_function<void(Call&)> work) const {
  if (!waker_.mailbox_) return false;
  return waker_.mailbox_->post([to = *this, work = std::move(work)]() mutable {
    Run* const run = to.waker_.routing_->find(to.waker_.run_);
    if (!run || !run->waiting || run->waits != to.waker_.wait_) return;
    // The program is there as long as the run is.
    Call call{*to.function_, *to.program_, to.services_, run, to.self_};
    work(call);
  });
}

Value in_background(const Call& call, std::move_only_function<Value()> work) {
  if (call.services->in_background(*call.run, std::move(work))) return Value::Wait{};
  return Problem{"busy"};
}

Value owned(Value value) {
  assert(!value.get<Value::Response>());  // a message belongs to its worker
  if (const auto* text = value.get<std::string_view>()) return std::string(*text);
  if (auto* list = std::get_if<Value::List>(&value.any)) {
    for (Value& one : *list) one = owned(std::move(one));
  } else if (auto* map = std::get_if<Value::Map>(&value.any)) {
    for (auto& entry : *map) entry.value = owned(std::move(entry.value));
  }
  return value;
}

}  // namespace opensips::routing
