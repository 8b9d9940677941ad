#include "lp_routing/traces.hh"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "base/clock.hh"
#include "base/log.hh"

namespace opensips::routing {
namespace {

using manage::CommandArguments;
using manage::CommandError;
using manage::CommandResult;
using manage::Json;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostCalls = 200;  // with TracedCall::kMaxSteps: some 30 MB at the most
constexpr std::int64_t kMostSeconds = 86'400;
constexpr std::size_t kMostText = 120;  // bytes of a step

std::string handler_name(const Run& run) {
  constexpr std::string_view kNames[] = {
      "on_request", "on_in_dialog", "on_startup",  "a task",   "on_dialog_request",
      "on_dialog",  "on_branch",    "on_response", "on_event", "on_local_request"};
  static_assert(std::size(kNames) == kHandlers);
  return std::string(kNames[static_cast<unsigned>(run.handler)]);
}

std::string answer(const parser::Message& response) {
  return fmt::format("{} {}", response.code(), response.reason());
}

/// A column of a ladder: the text in the middle of dashes, or blanks.
std::string arrow(std::string_view text, bool to_the_right, std::size_t width) {
  std::string label(text.substr(0, width - 6));
  const std::size_t dashes = width - 2 - label.size();
  const std::string left(dashes / 2, '-');
  const std::string right(dashes - dashes / 2, '-');
  return to_the_right ? " " + left + label + right + ">" : "<" + left + label + right + " ";
}

std::string_view way_of(TracedCall::Arrow arrow) {
  constexpr std::string_view kWays[] = {"", " from the caller", " to the caller", " to the callee",
                                        " from the callee"};
  return kWays[static_cast<unsigned>(arrow)];
}

}  // namespace

void TracedCall::add(Arrow arrow, std::string what, std::string where) {
  if (what.size() > kMostText) what.replace(kMostText - 3, std::string::npos, "...");
  base::log_notice("trace: {}: {}{}{}{}", call_id_, where, where.empty() ? "" : " ", what,
                   way_of(arrow));
  const auto steps = steps_.lock();
  if (steps->size() >= kMaxSteps) return;
  steps->push_back({base::monotonic_ms(), arrow, std::move(what), std::move(where)});
}

Json TracedCall::lines() const {
  Json lines = Json::array();
  const auto steps = steps_.lock();
  for (const Step& step : *steps) {
    lines.push_back(fmt::format("{:>7} ms  {}{}{}{}", step.time - steps->front().time, step.where,
                                step.where.empty() ? "" : "  ", step.what, way_of(step.arrow)));
  }
  return lines;
}

Json TracedCall::ladder() const {
  constexpr std::size_t kWidth = 34;
  const std::string gap(kWidth, ' ');
  Json lines = Json::array();
  const auto steps = steps_.lock();
  // Each name stands over its line.
  lines.push_back(
      fmt::format("{:8}{:<{}}{:<{}}callee", "", "caller", kWidth + 1, "script", kWidth + 1));
  for (const Step& step : *steps) {
    const bool on_the_left = step.arrow == Arrow::from_caller || step.arrow == Arrow::to_caller;
    const bool to_the_right = step.arrow == Arrow::from_caller || step.arrow == Arrow::to_callee;
    const auto drawn = step.arrow == Arrow::none ? gap : arrow(step.what, to_the_right, kWidth);
    std::string line = fmt::format("{:>7} ms |{}|{}|", step.time - steps->front().time,
                                   on_the_left ? drawn : gap, on_the_left ? gap : drawn);
    if (!step.where.empty()) line += " " + step.where;
    if (step.arrow == Arrow::none) line += " " + step.what;
    lines.push_back(std::move(line));
  }
  return lines;
}

void Trace::begin(const Run& run) {
  const auto& request = *run.request;
  if (run.handler == Handler::response && !run.responses.empty()) {
    call_->add(Arrow::from_callee, answer(*run.responses.front()), {});
    return call_->add(Arrow::none, "on_response", {});
  }
  if (run.handler == Handler::branch) return call_->add(Arrow::none, "on_branch", {});
  if (run.handler == Handler::local_request) {
    const auto what =
        fmt::format("on_local_request: {} {}", request.method_text(), request.uri().text);
    return call_->add(Arrow::none, what, {});
  }
  call_->add(Arrow::from_caller, std::string(request.method_text()), {});
  call_->add(Arrow::none,
             fmt::format("{}: {} {} from {}", handler_name(run), request.method_text(),
                         request.uri().text, run.source.peer.to_string()),
             {});
}

void Trace::call(const Function& function, std::string_view arguments, std::string where,
                 const Run& run) {
  const std::string name = function.full_name();
  const bool sends = name == "request:relay" || name == "request:fork";
  if (name == "request:reply") {
    call_->add(Arrow::to_caller, std::string(arguments), where);
  } else if (name == "response:forward" && run.result) {
    call_->add(Arrow::to_caller, answer(*run.result), where);
  } else if (sends) {
    call_->add(Arrow::to_callee, std::string(run.request->method_text()), where);
  }
  const bool is_field =
      function.kind != Function::Kind::function && function.kind != Function::Kind::method;
  call_->add(Arrow::none, is_field ? name : fmt::format("{}({})", name, arguments),
             std::move(where));
  waits_in_ = name;
}

void Trace::wait() {
  waits_since_ = Clock::now();
}

void Trace::wake(const Value& result) {
  const std::chrono::duration<double> time = Clock::now() - waits_since_;
  std::string brought;
  if (const auto* const response = std::get_if<Value::Response>(&result.any)) {
    brought = answer(**response);
    call_->add(Arrow::from_callee, brought, {});
  } else if (const auto* const problem = result.get<Problem>()) {
    brought = problem->text;
  }
  call_->add(Arrow::none,
             fmt::format("waited {:.3f} s in {}{}{}", time.count(), waits_in_,
                         brought.empty() ? "" : ": ", brought),
             {});
}

void Trace::end(std::string_view failure) {
  call_->add(Arrow::none, failure.empty() ? "ended" : fmt::format("failed: {}", failure), {});
}

std::shared_ptr<Trace> Traces::find(const Run& run) {
  std::shared_ptr<TracedCall> call;
  {
    const auto state = state_.lock();
    if (Clock::now() >= state->end) {
      is_on_.store(false, std::memory_order_relaxed);
      return nullptr;
    }
    const auto known = state->by_call_id.find(run.request->call_id());
    if (known != state->by_call_id.end()) {
      call = known->second;
    } else if (state->calls_left > 0 && state->filter.fits(*run.request)) {
      --state->calls_left;
      call = std::make_shared<TracedCall>(std::string(run.request->call_id()));
      state->calls.push_back(call);
      state->by_call_id.emplace(call->call_id(), call);
    } else {
      return nullptr;
    }
  }
  auto trace = std::make_shared<Trace>(std::move(call));
  trace->begin(run);
  return trace;
}

void Traces::start(Filter filter, std::size_t calls, std::chrono::seconds time) {
  const auto state = state_.lock();
  *state = {std::move(filter), calls, Clock::now() + time, {}, {}};
  is_on_.store(true, std::memory_order_relaxed);
}

CommandResult Traces::start(const CommandArguments& given) {
  auto filter = Filter::read(given, 0);
  if (!filter) return std::unexpected(filter.error());
  const std::int64_t calls = given.has(4) ? given.integer(4) : 10;
  const std::int64_t seconds = given.has(5) ? given.integer(5) : 60;
  if (calls < 1 || calls > static_cast<std::int64_t>(kMostCalls) || seconds < 1 ||
      seconds > kMostSeconds) {
    return std::unexpected(
        CommandError{400, fmt::format("up to {} calls and {} seconds", kMostCalls, kMostSeconds)});
  }
  start(*std::move(filter), static_cast<std::size_t>(calls), std::chrono::seconds(seconds));
  base::log_notice("script: calls are traced: {} at the most, for {} s", calls, seconds);
  return Json{{"calls", calls}, {"seconds", seconds}};
}

CommandResult Traces::stop() {
  is_on_.store(false, std::memory_order_relaxed);
  return Json{{"calls", state_.lock()->calls.size()}};
}

CommandResult Traces::show(const CommandArguments& given, bool as_ladder) const {
  Json calls = Json::array();
  const auto traced = state_.lock()->calls;
  for (const auto& call : traced) {
    if (given.has(0) && given.text(0) != call->call_id()) continue;
    calls.push_back({{"call_id", call->call_id()},
                     {as_ladder ? "ladder" : "lines", as_ladder ? call->ladder() : call->lines()}});
  }
  if (calls.empty()) return std::unexpected(CommandError{404, "no such call was traced"});
  return calls;
}

void Traces::add_to(manage::Commands& commands) {
  using Type = manage::CommandParameter::Type;
  auto parameters = Filter::parameters();
  parameters.push_back({"calls", Type::integer, true, "at the most; else 10"});
  parameters.push_back({"seconds", Type::integer, true, "at the most; else 60"});
  commands.add({.name = "script:trace",
                .old_name = "",
                .doc =
                    "Follows what the script does with calls that come from now on: logs it, and "
                    "keeps it for script:trace_show.",
                .parameters = std::move(parameters),
                .run = [this](const CommandArguments& given) { return start(given); }});
  commands.add({.name = "script:trace_off",
                .old_name = "",
                .doc = "Ends that: what has been kept can still be shown.",
                .run = [this](const CommandArguments&) { return stop(); }});
  const std::vector<manage::CommandParameter> one{
      {"call_id", Type::text, true, "of one call; else of all"}};
  commands.add({.name = "script:trace_show",
                .old_name = "",
                .doc = "Shows the functions that the script called for the calls that were traced, "
                       "and what it waited for.",
                .parameters = one,
                .run = [this](const CommandArguments& given) { return show(given, false); }});
  commands.add({.name = "script:ladder",
                .old_name = "",
                .doc = "Shows the calls that were traced as ladders of their messages.",
                .parameters = one,
                .run = [this](const CommandArguments& given) { return show(given, true); }});
}

}  // namespace opensips::routing
