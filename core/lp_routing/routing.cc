#include "lp_routing/routing.hh"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.hh"
#include "l1_parser/reply.hh"
#include "l2_transaction/events.hh"

namespace opensips::routing {

using loop::Verdict;
using loop::Walk;
using parser::Method;

Run::Run(RunId self, Routing& routing)
    : id(self), timer(loop::Timer::calling<&Run::on_timer>(this)), routing_(routing) {}

std::unique_ptr<Run> Run::look_alike() const {
  auto other = std::make_unique<Run>(id, routing_);
  other->handler = handler;
  other->source = source;
  other->answered = answered;
  other->cancelled = cancelled;
  return other;
}

void Run::on_timer() {
  if (!waiting) return routing_.start_task(id);
  routing_.wake(id, listening ? Value(Problem{"timed out"}) : Value());
}

void Routing::visit_waiting(
    const std::function<void(const Run&, const std::string& place)>& visit) {
  runs_.for_each([&](RunId, const Run& run) {
    if (run.waiting) visit(run, engine_of(run).place_of(run));
  });
}

/// A timer of the current generation's.
class Routing::Every {
 public:
  Every(Routing& routing, Generation& generation, const Engine::Every& row)
      : routing_(routing), generation_(generation), row_(row) {
    arm();
  }

 private:
  void arm() {
    routing_.context_.timers.arm(timer_, static_cast<std::uint64_t>(row_.period.count()));
  }

  void on_timer() {
    arm();
    if (routing_.runs_.find(running_)) return;  // it takes longer than its period
    Run& run = routing_.begin(generation_, Handler::task);
    run.task = row_.task;
    running_ = run.id;
    routing_.start_task(run.id);
  }

  Routing& routing_;
  Generation& generation_;
  const Engine::Every row_;
  RunId running_{};
  loop::Timer timer_ = loop::Timer::calling<&Every::on_timer>(this);
};

Routing::Routing(loop::Context& context, transaction::TransactionLayer& transactions,
                 dialog::DialogLayer& dialogs, transport::Resolver& resolver,
                 Generations& generations, manage::Events& events, const Options& options)
    : context_(context),
      transactions_(transactions),
      dialogs_(dialogs),
      tag_key_(options.tag_key),
      uas_(context, transactions, options.tag_key),
      proxy_(context, transactions, resolver, uas_, *this, options.max_branches,
             options.max_forwards),
      generations_(generations),
      events_(*this, context.worker(), events),
      runs_(context.worker(), context.epoch()),
      dropped_branches_(context.statistics.counter("script:dropped_branches")),
      dropped_responses_(context.statistics.counter("script:dropped_replies")),
      dropped_own_(context.statistics.counter("script:dropped_local_requests")) {
  transactions.set_watcher(*this);
  context.bus.subscribe<transaction::OwnedEnded>(
      [this](const transaction::OwnedEnded& event) { transaction_ended(RunId(event.owner)); });
  context.bus.subscribe<transaction::Answered>([this](const transaction::Answered& event) {
    generations_.count_answer(event.version, context_.worker(), event.code);
  });
  context.bus.subscribe<dialog::StateChanged>(
      [this](const dialog::StateChanged& event) { dialog_changed(event); });
}

Routing::~Routing() {
  timers_.clear();
  runs_.for_each([this](RunId, Run& run) {
    if (!run.over) engine_of(run).abandon(run);
  });
}

Verdict Routing::up(Walk& walk) {
  return walk.message->is_request() ? request_up(walk) : response_up(walk);
}

Verdict Routing::down(Walk&) {
  return Verdict::down;
}

Verdict Routing::request_up(Walk& walk) {
  const auto& request = *walk.message;
  const bool in_dialog = !request.to().tag.empty();
  const Handler handler = walk.dialog ? Handler::dialog_request
                          : in_dialog ? Handler::in_dialog
                                      : Handler::request;
  // One look: what accepts the request also runs it, to its end.
  Generation& generation = generations_.of(request.call_id());
  if (!generation.engine(context_.worker()).handles(handler)) {
    if (walk.dialog) {  // a version before this one asked to see it
      dialogs_.send_on(walk.message, walk.server, walk.mask);
      return Verdict::done;
    }
    // A Route that proves nothing was made up, or is of another server's making; without one it is
    // a dialog that we know nothing of.
    return refuse(walk, request.has(parser::HeaderName::route) ? 403 : 481);
  }

  Run& run = begin(generation, handler);
  if (walk.dialog) pin(run, walk.dialog);
  run.witness = witness_of(request.call_id());
  run.request = walk.message;
  run.source = walk.flow;
  run.server = walk.server;
  run.mask = walk.mask;
  transactions_.set_owner(run.server, run.id.bits);
  transactions_.set_version(run.server, generation.number());

  if (is_over(run, engine_of(run).start(run))) return Verdict::done;
  run.walk = context_.path.hold(walk);
  transactions_.trying(walk.server);
  walk.on_cancel = {[](void* self, Walk& held) { static_cast<Routing*>(self)->cancelled(held); },
                    this};
  return Verdict::suspend;
}

Run& Routing::begin(Generation& generation, Handler handler) {
  Run& run = *runs_.emplace(*this).second;
  run.generation = &generation;
  generation.begin_run(context_.worker());
  run.handler = handler;
  tasks_ += handler == Handler::task;
  if (handler == Handler::request) generation.count_request(context_.worker());
  event_runs_ += handler == Handler::event;
  return run;
}

/// What the run looks at is there as long as it does.
void Routing::pin(Run& run, loop::DialogId id) {
  auto& dialogs = dialogs_.dialogs();
  auto* const dialog = dialogs.find(id);
  if (!dialog) return;
  dialogs.pin(*dialog);
  run.dialog = id;
}

/// The program hears of it when the message that brought it is on its way.
void Routing::dialog_changed(const dialog::StateChanged& event) {
  if (!generations_.handles(Handler::dialog, context_.worker())) return;
  if (!generation_that_handles(event.id)) return;
  context_.defer(
      [this, id = event.id, state = to_string(event.after)] { tell_of_dialog(id, state); });
}

/// The version that the dialog's call has, if it wants to hear of dialogs.
Generation* Routing::generation_that_handles(loop::DialogId id) const {
  const auto* const dialog = dialogs_.dialogs().find(id);
  if (!dialog) return nullptr;
  Generation& generation = generations_.of(dialog->text(dialog::Dialog::call_id));
  return generation.engine(context_.worker()).handles(Handler::dialog) ? &generation : nullptr;
}

void Routing::tell_of_dialog(loop::DialogId id, std::string_view event) {
  Generation* const generation = generation_that_handles(id);
  if (!generation) return;
  Run& run = begin(*generation, Handler::dialog);
  pin(run, id);
  if (const auto* const dialog = dialogs_.dialogs().find(id)) {
    run.witness = witness_of(dialog->text(dialog::Dialog::call_id));
  }
  run.event = event;
  is_over(run, engine_of(run).start(run));
}

bool Routing::begin_event(const manage::EventRef& event) {
  Generation& generation = generations_.current();
  Engine& engine = generation.engine(context_.worker());
  const auto handled = engine.events();
  if (std::ranges::find(handled, event->name) == handled.end()) return false;
  if (event_runs_ == kMaxEvents) return false;
  Run& run = begin(generation, Handler::event);
  run.happened = event;
  is_over(run, engine.start(run));
  return true;
}

void Routing::spawn(const Run& run, int task) {
  Run& spawned = begin(*run.generation, Handler::task);
  spawned.witness = run.witness;
  spawned.task = task;
  spawned.task_once = true;
  context_.timers.arm(spawned.timer, 0);
}

void Routing::start_task(RunId id) {
  if (Run* const run = runs_.find(id)) is_over(*run, engine_of(*run).start(*run));
}

void Routing::begin_generation() {
  timers_.clear();
  Generation& generation = generations_.current();
  events_.handle(generation.engine(context_.worker()).events());
  for (const auto& row : generation.engine(context_.worker()).timers()) {
    if (context_.worker() != 0 && !row.each_worker) continue;
    timers_.push_back(std::make_unique<Every>(*this, generation, row));
  }
}

/// A response that L2 lets up: a provisional one or a 2xx, which go on their way at once, or the
/// best of a round.
Verdict Routing::response_up(Walk& walk) {
  Run* run = runs_.find(RunId(transactions_.owner(walk.server)));
  const bool forking = run && run->waiting && run->forking;
  const auto code = walk.message->code();
  if (forking && code >= 300) {
    run->result = walk.message;
    wake(run->id, walk.message);
    return Verdict::done;
  }
  if (forking && code >= 200) {
    run->answered = true;
    // Deferred: by then this response is on its way.
    context_.defer([this, id = run->id, wait = run->waits, response = walk.message] {
      wake(id, wait, response);
    });
  }
  walk.draft = walk.message->arena().make<parser::Draft>();
  return Verdict::down;
}

bool Routing::wake(RunId id, Value result) {
  Run* run = runs_.find(id);
  if (!run || !run->waiting) return false;
  if (run->listening) events_.forget(*run);
  run->waiting = run->forking = false;
  run->timer.cancel();
  const auto walk = run->walk;
  if (is_over(*run, engine_of(*run).resume(*run, std::move(result))) && walk) {
    context_.path.resume(walk, Verdict::done);
  }
  return true;
}

bool Routing::wake(RunId id, std::uint32_t wait, Value result) {
  const Run* const run = runs_.find(id);
  return run && run->waits == wait && wake(id, std::move(result));
}

void Routing::send_on(Run& run) {
  const bool is_ack = run.request->method() == Method::ack;
  if (run.answered || (!is_ack && transactions_.is_final(run.server))) return;
  run.answered = run.forwarded = true;
  if (sees_responses(run)) transactions_.show_responses(run.server);
  dialogs_.send_on(run.request, run.server, run.mask);
}

void Routing::drop(Run& run) {
  if (run.answered) return;
  run.answered = true;
  transactions_.abandon(run.server);
}

void Routing::cancel(const Run& run, std::string reason) {
  context_.defer([this, server = run.server, reason = std::move(reason)]() mutable {
    transactions_.cancel(server, std::move(reason));
  });
}

/// Takes note of how far the handler has come. True if it has ended: then the run has too, unless
/// responses are to be shown to its program.
bool Routing::is_over(Run& run, Engine::Progress progress) {
  if (progress == Engine::Progress::waiting) {
    run.waiting = true;
    ++run.waits;
    return false;
  }
  if (progress == Engine::Progress::failed) run.generation->count_error(context_.worker());
  if (run.request) answer_if_needed(run, progress);
  run.over = true;
  run.responses.clear();
  run.result.reset();
  if (!waits_for_responses(run)) end(run);
  return true;
}

void Routing::end(Run& run) {
  tasks_ -= run.handler == Handler::task;
  event_runs_ -= run.handler == Handler::event;
  transactions_.set_owner(run.server, 0);
  if (run.dialog) dialogs_.dialogs().unpin(run.dialog);
  if (run.kept.any()) engine_of(run).release(run);
  Generation& generation = *run.generation;
  runs_.erase(run.id);
  generations_.end_run(generation, context_.worker());
}

/// A caller is never left without an answer because a program forgot it.
void Routing::answer_if_needed(Run& run, Engine::Progress progress) {
  const bool is_ack = run.request->method() == Method::ack;
  if (run.handler == Handler::dialog_request) return send_on(run);  // a BYE does not fail with it
  if (is_ack || run.answered || transactions_.is_final(run.server)) return;
  const bool failed = progress == Engine::Progress::failed;
  if (!failed && run.result) {
    static_cast<void>(proxy_.forward(run, run.result));
    return;
  }
  if (!failed && run.fallback_code == 500) {
    static base::RateLimit limit{std::chrono::seconds(1)};
    base::log_limited(limit, base::LogLevel::err,
                      "call {}: the handler of {} ended without an answer: 500",
                      run.request->call_id(), run.request->method_text());
  }
  static_cast<void>(uas_.reply(run, failed ? 500 : run.fallback_code, {}));
}

/// A handler that waits for the outcome of a fork will hear of none: whatever it was, it came too
/// late. No more responses will come.
void Routing::transaction_ended(RunId id) {
  Run* const run = runs_.find(id);
  if (run && run->over) return end(*run);
  if (!run || !run->waiting || !run->forking) return;
  context_.defer([this, id, wait = run->waits] { wake(id, wait, Problem{"gone"}); });
}

Verdict Routing::refuse(Walk& walk, unsigned code) {
  if (walk.message->method() == Method::ack) return Verdict::done;
  walk.draft = parser::make_reply(*walk.message, tag_key_, code);
  return Verdict::down;
}

/// The caller has given up. A handler that waits in fork() is woken by the branches' 487.
void Routing::cancelled(Walk& walk) {
  Run* run = runs_.find(RunId(transactions_.owner(walk.server)));
  if (!run) return;
  run->cancelled = true;
  if (run->waiting && !run->forking) wake(run->id, Problem{"cancelled"});
}

}  // namespace opensips::routing
