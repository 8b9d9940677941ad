#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/slot_table.hh"
#include "l2_transaction/uac.hh"
#include "l3_dialog/events.hh"
#include "l3_dialog/layer.hh"
#include "loop/context.hh"
#include "loop/layer.hh"
#include "lp_routing/engine.hh"
#include "lp_routing/event_desk.hh"
#include "lp_routing/generations.hh"
#include "lp_routing/proxy.hh"
#include "lp_routing/run.hh"
#include "lp_routing/uas.hh"
#include "lp_routing/value.hh"
#include "lp_routing/witness.hh"

namespace opensips::routing {

struct Options {
  base::SipKey tag_key;        ///< makes To tags
  unsigned max_branches = 12;  ///< of one fork
  unsigned max_forwards = 70;  ///< for a request that has none
};

/// Lp, the last layer: gives requests to the routing program and turns responses round. It owns the
/// runs.
class Routing final : public loop::Layer,
                      public transaction::OwnRequestEditor,
                      private Passing,
                      private transaction::ResponseWatcher {
 public:
  /// `generations` has a current one before the first message comes.
  Routing(loop::Context& context, transaction::TransactionLayer& transactions,
          dialog::DialogLayer& dialogs, transport::Resolver& resolver, Generations& generations,
          manage::Events& events, const Options& options);
  ~Routing() override;

  loop::Verdict up(loop::Walk& walk) override;
  loop::Verdict down(loop::Walk& walk) override;

  /// The result of a wait: the run goes on with it. False if the run has ended or does not wait.
  bool wake(RunId id, Value result);
  /// The same if that wait, by Run::waits, still goes on.
  bool wake(RunId id, std::uint32_t wait, Value result);
  /// A request inside a dialog, which the program was shown, goes on along the dialog's way.
  void send_on(Run& run);
  /// On the worker, when another version of the program has become the current one: its timers go
  /// on, no others.
  void begin_generation();
  /// Whether there may be one more run without a request.
  bool may_spawn() const { return tasks_ < kMaxTasks; }
  /// Begins one soon, in a turn of its own: `task` of the engine that `run` is run by, for this
  /// time only.
  void spawn(const Run& run, int task);
  /// Begins a run of the current program's handler for what has happened. False if it has none, or
  /// too many such runs go on.
  bool begin_event(const manage::EventRef& event);
  /// The program's handler of the server's own requests, if it has one.
  bool edit_own(const base::Ref<parser::Message>& request, std::uint16_t& socket) override;
  /// The program wants nothing done with the request: no answer, and none for its copies.
  void drop(Run& run);
  /// Calls `visit(run, its place in the program)` for each handler that waits.
  void visit_waiting(const std::function<void(const Run&, const std::string& place)>& visit);
  /// The program calls the INVITE off: at the end of the turn, unless it has been answered.
  void cancel(const Run& run, std::string reason);
  /// Who follows calls, of the runs that begin from now on. They outlive it.
  void set_witnesses(Witnesses& witnesses) { witnesses_ = &witnesses; }
  Run* find(RunId id) const { return runs_.find(id); }
  std::size_t runs() const { return runs_.size(); }

  loop::Context& context() { return context_; }
  Proxy& proxy() { return proxy_; }
  Uas& uas() { return uas_; }
  EventDesk& events() { return events_; }
  dialog::DialogLayer& dialogs() { return dialogs_; }

 private:
  friend struct Run;
  class Every;
  static constexpr std::size_t kMaxTasks = 100'000;
  static constexpr std::size_t kMaxEvents = 1000;

  Run& begin(Generation& generation, Handler handler);
  std::shared_ptr<Witness> witness_of(std::string_view call_id) const {
    return witnesses_ ? witnesses_->of(call_id) : nullptr;
  }
  void start_task(RunId id);
  loop::Verdict request_up(loop::Walk& walk);
  loop::Verdict response_up(loop::Walk& walk);
  void dialog_changed(const dialog::StateChanged& event);
  Generation* generation_that_handles(loop::DialogId id) const;
  void tell_of_dialog(loop::DialogId id, std::string_view event);
  void pin(Run& run, loop::DialogId id);
  void end(Run& run);

  // Handlers of what passes of a request: passing.cc
  bool handles(const Run& run, Handler handler) const;
  bool edit_branch(Run& run, parser::Draft& draft, std::uint16_t& socket) override;
  bool sees_responses(const Run& run) const override { return handles(run, Handler::response); }
  bool watch(std::uint64_t owner, const base::Ref<parser::Message>& response) override;
  bool waits_for_responses(const Run& run) const;
  Run& begin_inside(Run& run, Handler handler);
  void end_inside(Run& inside, Engine::Progress progress);

  loop::Verdict refuse(loop::Walk& walk, unsigned code);
  bool is_over(Run& run, Engine::Progress progress);
  void answer_if_needed(Run& run, Engine::Progress progress);
  Engine& engine_of(const Run& run) const { return run.generation->engine(context_.worker()); }
  void cancelled(loop::Walk& walk);
  void transaction_ended(RunId id);

  loop::Context& context_;
  transaction::TransactionLayer& transactions_;
  dialog::DialogLayer& dialogs_;
  base::SipKey tag_key_;
  Uas uas_;
  Proxy proxy_;
  Generations& generations_;
  EventDesk events_;
  Witnesses* witnesses_ = nullptr;
  base::SlotTable<Run, RunTag> runs_;
  std::size_t tasks_ = 0;  // runs of timers, and of what others have begun
  std::size_t event_runs_ = 0;
  base::Counter dropped_branches_, dropped_responses_, dropped_own_;
  std::vector<std::unique_ptr<Every>> timers_;
};

}  // namespace opensips::routing
