// The program's handlers of what passes: branches of a request that it has sent on, the responses
// to them, and requests of the server's own. They do not wait, so that each is over before what it
// was called for goes on.

#include <cassert>
#include <utility>

#include "l1_parser/message_view.hh"
#include "lp_routing/routing.hh"

namespace opensips::routing {

bool Routing::handles(const Run& run, Handler handler) const {
  const int own = handler == Handler::branch ? run.kept.on_branch : run.kept.on_response;
  return own != 0 || engine_of(run).handles(handler);
}

/// The responses to what it has sent on are still to come, and to be shown.
bool Routing::waits_for_responses(const Run& run) const {
  return run.forwarded && sees_responses(run) && transactions_.owner(run.server) == run.id.bits;
}

/// A run for a handler that sees something of the request of `run`.
Run& Routing::begin_inside(Run& run, Handler handler) {
  Run& inside = begin(*run.generation, handler);
  inside.request_run = &run;
  inside.witness = run.witness;
  inside.request = run.request;
  inside.source = run.source;
  inside.server = run.server;
  inside.dialog = run.dialog;
  inside.socket = run.socket;
  inside.answered = run.answered;
  inside.cancelled = run.cancelled || transactions_.is_cancelled(run.server);
  return inside;
}

/// What it belongs to stays the business of the request's run, if there is one.
void Routing::end_inside(Run& inside, Engine::Progress progress) {
  Generation& generation = *inside.generation;
  if (progress == Engine::Progress::failed) generation.count_error(context_.worker());
  if (inside.kept.any()) engine_of(inside).release(inside);
  runs_.erase(inside.id);
  generations_.end_run(generation, context_.worker());
}

/// The handler sees the message with the edits of this branch in place of its own, which are put
/// back behind it: whatever it changes is changed for this branch alone. One that fails has perhaps
/// not taken away what is for nobody else, so its branch is not sent.
bool Routing::edit_branch(Run& run, parser::Draft& draft, std::uint16_t& socket) {
  if (!handles(run, Handler::branch)) return true;
  auto& request = *run.request;
  const auto common = request.edits();
  request.edits() = common.copy(request.arena());
  const auto uri = draft.edits.uri().empty() ? parser::effective_uri(request) : draft.edits.uri();
  request.edits().set_uri(uri);

  Run& inside = begin_inside(run, Handler::branch);
  inside.socket = socket;
  const auto progress = engine_of(inside).start(inside);
  assert(progress != Engine::Progress::waiting);
  const bool failed = progress == Engine::Progress::failed;
  const bool dropped = inside.dropped;
  socket = inside.socket;
  end_inside(inside, progress);

  draft.edits = std::exchange(request.edits(), common);
  draft.has_all_edits = true;
  if (!failed && !dropped) return true;
  context_.stats.add(dropped_branches_);
  run.fallback_code = failed ? 500 : 480;
  return false;
}

/// A handler that fails changes nothing: a BYE is not lost with it.
bool Routing::edit_own(const base::Ref<parser::Message>& request, std::uint16_t& socket) {
  Generation& generation = generations_.of(request->call_id());
  Engine& engine = generation.engine(context_.worker());
  if (!engine.handles(Handler::local_request)) return true;
  Run& run = begin(generation, Handler::local_request);
  run.witness = witness_of(request->call_id());
  run.request = request;
  run.socket = socket;
  const auto progress = engine.start(run);
  assert(progress != Engine::Progress::waiting);
  const bool failed = progress == Engine::Progress::failed;
  const bool dropped = run.dropped && !failed;
  if (failed) {
    request->edits() = {};
  } else {
    socket = run.socket;
  }
  end_inside(run, progress);
  if (dropped) context_.stats.add(dropped_own_);
  return !dropped;
}

bool Routing::watch(std::uint64_t owner, const base::Ref<parser::Message>& response) {
  Run* const run = runs_.find(RunId(owner));
  if (!run || !handles(*run, Handler::response)) return true;
  Run& inside = begin_inside(*run, Handler::response);
  inside.responses.push_back(response);
  const auto progress = engine_of(inside).start(inside);
  assert(progress != Engine::Progress::waiting);
  const bool goes_on = !inside.dropped || progress == Engine::Progress::failed;
  end_inside(inside, progress);
  if (!goes_on) context_.stats.add(dropped_responses_);
  return goes_on;
}

}  // namespace opensips::routing
