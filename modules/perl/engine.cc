#include "perl/engine.hh"

#include <algorithm>
#include <utility>

#include "lp_routing/event_value.hh"
#include "lp_routing/functions/waiting.hh"
#include "lp_routing/run.hh"

namespace opensips::perl {
namespace {

using routing::Call;
using routing::Function;
using routing::Handler;
using routing::Object;
using routing::Problem;
using routing::Run;
using routing::Value;

/// Handlers that are known by their names.
struct Named {
  Handler handler;
  const char* name;
};
constexpr Named kHandlers[] = {{Handler::request, "on_request"},
                               {Handler::in_dialog, "on_in_dialog"},
                               {Handler::dialog_request, "on_dialog_request"},
                               {Handler::dialog, "on_dialog"}};

/// Whether it is what a handler for failures is for: no answer at all, or none of 2xx.
bool is_failure(const Value& result) {
  if (const auto* const response = result.get<Value::Response>()) return (*response)->code() >= 300;
  return result.get<Problem>() != nullptr;
}

/// What the handler that follows gets behind the request: the result, and why there is none.
std::vector<Data> arguments_of(Run& run, const Value& result) {
  if (const auto* const response = result.get<Value::Response>()) {
    run.responses.push_back(*response);
    return {Data{Object{.kind = routing::ObjectKind::response,
                        .response = static_cast<std::uint16_t>(run.responses.size() - 1),
                        .run = run.id}}};
  }
  if (const auto* const problem = result.get<Problem>()) return {Data(), Data{problem->text}};
  auto given = copy_of(result);
  return {given ? std::move(*given) : Data()};
}

/// What is told of, where that is no request.
std::vector<Data> beginning_of(const Run& run) {
  if (run.handler == Handler::dialog) {
    return {Data{Object{.kind = routing::ObjectKind::dialog, .dialog = run.dialog}},
            Data{std::string(run.event)}};
  }
  if (run.handler == Handler::event) {
    return {*copy_of(routing::table_of(*run.happened)), Data{run.happened->name}};
  }
  return {};
}

}  // namespace

/// How far a request has come.
struct Engine::Course {
  std::string handler;           // that runs, or ran last
  std::deque<Action> actions;    // that are still to be done
  std::optional<Action> waits;   // for the result of this one; else for the handler
  std::optional<Result> result;  // the handler's
  Data ctx;

  static Course& of(const Run& run) { return *static_cast<Course*>(run.engine_state); }
};

Engine::Engine(Pool& pool, std::shared_ptr<Interpreters> interpreters,
               std::shared_ptr<Errors> errors, routing::Services& services,
               const routing::Language::Version& version)
    : pool_(pool),
      interpreters_(std::move(interpreters)),
      errors_(std::move(errors)),
      services_(services),
      program_(*version.functions, version.number, *version.events) {
  for (const auto& [handler, name] : kHandlers) {
    if (interpreters_->has(name)) has_.insert(handler);
  }
  const auto& named = interpreters_->named();
  for (const auto& timer : named.timers)
    timers_.push_back({timer.period, timer.each_worker, static_cast<int>(timers_.size()) + 1});
  for (const auto& event : named.events) events_.push_back(event.name);
}

/// The one that begins the run.
std::string Engine::function_of(const Run& run) const {
  const auto& named = interpreters_->named();
  if (run.handler == Handler::task)
    return named.timers[static_cast<std::size_t>(run.task) - 1].function;
  if (run.handler == Handler::event) {
    const auto found =
        std::ranges::find(named.events, run.happened->name, &ScriptProgram::Named::Event::name);
    return found->function;
  }
  return std::ranges::find(kHandlers, run.handler, &Named::handler)->name;
}

Engine::Progress Engine::start(Run& run) {
  run.engine_state = new Course;
  return call(run, function_of(run), beginning_of(run));
}

/// A thread runs the handler when one is free: the run waits.
Engine::Progress Engine::call(Run& run, std::string function, std::vector<Data> arguments) {
  Course& course = Course::of(run);
  course.handler = function;
  course.waits.reset();
  course.result.reset();
  Request request{.function = std::move(function),
                  .arguments = std::move(arguments),
                  .copy = std::make_unique<routing::RequestCopy>(run),
                  .ctx = course.ctx,
                  .decides = true};
  const Function& any = program_.functions().rows(routing::ObjectKind::request).front();
  const Call here{any, program_, &services_, &run, {}};
  const routing::Continuation rest(here);
  request.worker.emplace(rest, pool_.limit());
  auto done = [rest](Result result) {
    rest.go_on([result = std::move(result)](Call& again) mutable -> Value {
      Course::of(*again.run).result = std::move(result);
      return {};
    });
  };
  if (pool_.submit(
          std::make_shared<CallJob>(interpreters_, errors_, std::move(request), std::move(done)))) {
    return Progress::waiting;
  }
  run.fallback_code = 503;
  return end(run, Progress::finished);
}

Engine::Progress Engine::resume(Run& run, Value result) {
  Course& course = Course::of(run);
  // The caller has been told already.
  if (run.cancelled) return end(run, Progress::finished);
  if (course.waits) return follow(run, Action(std::move(*course.waits)), result);
  if (!course.result) return end(run, Progress::finished);
  return go_on(run, Result(std::move(*course.result)));
}

/// The handler has ended, or was given up.
Engine::Progress Engine::go_on(Run& run, const Result& result) {
  if (!result) {
    const bool was_begun = result.error() == CallJob::Late::running;
    if (!was_begun) run.fallback_code = 503;
    return end(run, was_begun ? Progress::failed : Progress::finished);
  }
  if (!result->error.empty() || !result->problem.empty()) {
    log_failure(run, result->error.empty() ? "what it leaves " + result->problem
                                           : with_place_first(result->error));
    return end(run, Progress::failed);
  }
  if (result->changes && run.request) result->changes->apply_to(*run.request);
  Course& course = Course::of(run);
  course.ctx = result->ctx;
  course.actions.assign(result->actions.begin(), result->actions.end());
  return perform(run);
}

Engine::Progress Engine::perform(Run& run) {
  Course& course = Course::of(run);
  while (!course.actions.empty()) {
    const Action action = std::move(course.actions.front());
    course.actions.pop_front();
    std::vector<Value> arguments;
    for (const Data& one : action.arguments) arguments.push_back(view_of(one));
    Call call{*action.row, program_, &services_, &run, action.self};
    const Value result = action.row->thunk(call, arguments);
    if (result.get<Value::Wait>()) {
      course.waits = action;
      return Progress::waiting;
    }
    if (result.get<Value::End>()) break;
    if (const auto* const misuse = result.get<routing::Misuse>()) {
      log_failure(run, action.place + ": " + misuse->text);
      return end(run, Progress::failed);
    }
    if (action.row->waits) return follow(run, action, result);
    if (const auto* const problem = result.get<Problem>())
      log_failure(run, action.place + ": " + problem->text);
  }
  program_.forget();
  return end(run, Progress::finished);
}

/// What waited has come to something. What a handler wanted done behind that is left to the one
/// that follows, if there is one.
Engine::Progress Engine::follow(Run& run, const Action& action, const Value& result) {
  const auto& next = is_failure(result) ? action.on_failure : action.on_reply;
  Course::of(run).waits.reset();
  if (next.empty()) return perform(run);
  return call(run, next, arguments_of(run, result));
}

Engine::Progress Engine::end(Run& run, Progress how) {
  abandon(run);
  return how;
}

void Engine::abandon(Run& run) {
  delete static_cast<Course*>(std::exchange(run.engine_state, nullptr));
}

std::string Engine::place_of(const Run& run) const {
  if (!run.engine_state) return {};
  const Course& course = Course::of(run);
  return course.waits ? course.waits->place : course.handler;
}

void Engine::log_failure(const Run& run, std::string_view what) {
  auto& limit = failures_.of(what);
  const auto& handler = Course::of(run).handler;
  if (!run.request) {
    base::log_limited(limit, base::LogLevel::err, "script: {} failed: {}", handler, what);
    return;
  }
  base::log_limited(limit, base::LogLevel::err, "script: {} failed for {}, call {}: {}", handler,
                    run.request->method_text(), run.request->call_id(), what);
}

}  // namespace opensips::perl
