#include "perl/module.hh"

#include <algorithm>
#include <cctype>
#include <utility>

#include <fmt/format.h>

#include "lp_routing/functions/program.hh"
#include "lp_routing/functions/waiting.hh"
#include "perl/engine.hh"
#include "perl/runtime.hh"

namespace opensips::perl {
namespace {

using routing::Call;
using routing::Misuse;
using routing::Problem;
using routing::Value;

/// What the top level of a script may take, in each interpreter, and what is done at its end.
constexpr std::chrono::milliseconds kLoadLimit{10'000};

/// "name" or "Package::name".
bool is_function_name(std::string_view text) {
  return !text.empty() && text.size() < 256 && std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) || c == '_' || c == ':';
  });
}

/// What the function gives to the script that called it.
Value result_of(const std::expected<Outcome, CallJob::Late>& outcome) {
  if (!outcome) {
    return outcome.error() == CallJob::Late::in_queue ? Problem{"busy"}
                                                      : Problem{"took longer than time_limit"};
  }
  if (!outcome->error.empty()) return Problem{outcome->error};
  if (!outcome->problem.empty()) return Problem{"what it returned " + outcome->problem};
  if (has_shared_table(outcome->result))
    return Problem{"what it returned has a shared table in it, which only its name can stand for"};
  return view_of(outcome->result);
}

/// On the request's worker: the request is as the function has left it or, if that has failed, as
/// it was `before`, whatever functions that it has called there have changed.
Value finish(Call& call, const std::expected<Outcome, CallJob::Late>& outcome,
             const routing::Changes& before) {
  Value result = result_of(outcome);
  if (!call.run->request) return result;
  if (result.get<Problem>()) {
    before.apply_to(*call.run->request);
  } else if (outcome->changes) {
    outcome->changes->apply_to(*call.run->request);
  }
  return result;
}

/// Of those that the top level has named: what is wrong with one that is not there, or nothing.
std::string missing_handler(const Interpreters& interpreters) {
  constexpr auto kText = "OpenSIPS::{} names {}, expected sub {} {{ … }}";
  for (const auto& event : interpreters.named().events) {
    if (!interpreters.has(event.function))
      return fmt::format(kText, "on_event", event.function, event.function);
  }
  for (const auto& timer : interpreters.named().timers) {
    if (!interpreters.has(timer.function))
      return fmt::format(kText, "every", timer.function, timer.function);
  }
  return {};
}

}  // namespace

std::vector<modules::Parameter> Perl::parameters() {
  return {
      modules::path("filename", filename_, "Script with the functions that perl.call calls."),
      modules::text("modpath", modpath_, "Directories where `use` looks first, divided by ':'."),
      modules::integer("threads", threads_, 1, 256, "Threads, each with an interpreter."),
      modules::integer("queue", queue_, 1, 1'000'000, "Most calls that wait for a thread."),
      modules::duration("time_limit", time_limit_, std::chrono::milliseconds(1), 10, 3'600'000,
                        "How long a call waits for a thread at most, and then runs, in "
                        "milliseconds."),
  };
}

std::vector<modules::Statistic> Perl::statistics() {
  const auto of_pool = [this](std::uint64_t Pool::Counts::*which) {
    return [this, which] { return pool_ ? pool_->counts().*which : 0; };
  };
  using Counts = Pool::Counts;
  return {
      modules::computed("calls", of_pool(&Counts::jobs), "Calls that were begun."),
      modules::computed("refused", of_pool(&Counts::refused), "Calls refused, the queue was full."),
      modules::computed("late", of_pool(&Counts::late), "Calls given up after time_limit."),
      modules::computed(
          "errors", [this] { return errors_->load(std::memory_order_relaxed); },
          "Calls that died."),
      modules::computed("waiting", of_pool(&Counts::waiting), "Calls that wait for a thread."),
      modules::computed("busy_threads", of_pool(&Counts::busy), "Threads that run a call."),
      modules::computed(
          "ending", [this] { return endings_ ? endings_->waiting() : 0; },
          "Versions of a script that are ending, or wait for it."),
  };
}

modules::Result<> Perl::check() {
  leave_locale_alone();
  return {};
}

modules::Result<> Perl::init(modules::Host&) {
  pool_ = std::make_unique<Pool>(Pool::Options{.threads = static_cast<unsigned>(threads_),
                                               .queue = static_cast<std::size_t>(queue_),
                                               .limit = time_limit_});
  endings_ = std::make_unique<Endings>(kLoadLimit);
  return {};
}

/// The script ends here, while there is still what it may call, and a log; engines of it only go
/// later.
void Perl::stop() {
  const auto left = pool_->stop();
  for (const auto& one : living_) {
    if (const auto interpreters = one.lock()) interpreters->end(left);
  }
  endings_->stop();
}

std::expected<std::shared_ptr<Interpreters>, std::string> Perl::make(const Script& script) {
  auto made = Interpreters::make(script, static_cast<unsigned>(threads_), kLoadLimit, *endings_);
  if (!made) return made;
  std::erase_if(living_, [](const auto& one) { return one.expired(); });
  living_.push_back(*made);
  return made;
}

std::expected<Script, std::string> Perl::script_of(const std::string& file,
                                                   std::uint32_t version) const {
  auto script = read_script(file);
  if (!script) return script;
  script->version = version;
  for (std::string_view rest = modpath_; !rest.empty();) {
    const auto end = std::min(rest.find(':'), rest.size());
    if (end > 0) script->paths.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return script;
}

std::expected<std::shared_ptr<void>, std::string> Perl::part_of_version(
    std::uint32_t number, const routing::FunctionTable& functions, bool only_checked) {
  if (filename_.empty()) return nullptr;
  auto script = script_of(filename_, number);
  if (!script) return std::unexpected(script.error());
  script->functions = &functions;
  if (only_checked) {
    const auto problem = Interpreters::check(*script, kLoadLimit);
    if (!problem.empty()) return std::unexpected(problem);
    return nullptr;
  }
  auto made = make(*script);
  if (!made) return std::unexpected(made.error());
  const auto versions = versions_.lock();
  std::erase_if(*versions, [](const auto& one) { return one.second.expired(); });
  (*versions)[number] = *made;
  return *made;
}

std::expected<Perl::Engines, std::string> Perl::load(const Version& version,
                                                     std::span<routing::Services* const> services) {
  auto script = script_of(version.file, version.number);
  if (!script) return std::unexpected(script.error());
  script->functions = version.functions;
  script->events = version.events;
  const auto made = make(*script);
  if (!made) return std::unexpected(made.error());
  if (!(*made)->has("on_request")) {
    return std::unexpected(version.file +
                           ": the script handles no requests, expected sub on_request { … }");
  }
  if (const auto missing = missing_handler(**made); !missing.empty())
    return std::unexpected(fmt::format("{}: {}", version.file, missing));
  Engines engines;
  for (auto* const one : services) {
    engines.push_back(std::make_unique<Engine>(*pool_, *made, errors_, *one, version));
  }
  return engines;
}

std::string Perl::check(const Version& version) {
  auto script = script_of(version.file, version.number);
  if (script) script->functions = version.functions;
  if (script) script->events = version.events;
  return script ? Interpreters::check(*script, kLoadLimit) : script.error();
}

Value Perl::call(Call& call, std::string_view function, std::span<const Value> arguments) {
  if (!is_function_name(function))
    return Misuse{fmt::format("perl.call: \"{:.80}\" is no name of a function", function)};
  std::shared_ptr<Interpreters> interpreters;
  {
    const auto versions = versions_.lock();
    const auto found = versions->find(call.program.generation());
    if (found != versions->end()) interpreters = found->second.lock();
  }
  if (!interpreters)
    return Misuse{"perl.call: modparam(\"perl\", \"filename\", …) names no script"};
  Request request{.function = std::string(function),
                  .arguments = {},
                  .copy = std::make_unique<routing::RequestCopy>(*call.run),
                  .ctx = {}};
  for (const Value& one : arguments) {
    auto copy = copy_of(one);
    if (!copy) {
      return Misuse{fmt::format("perl.call: argument {}: a function cannot be passed",
                                &one - arguments.data() + 2)};
    }
    if (has_shared_table(*copy)) {
      return Misuse{
          fmt::format("perl.call: argument {}: a shared table cannot be passed, its name can",
                      &one - arguments.data() + 2)};
    }
    request.arguments.push_back(std::move(*copy));
  }
  const routing::Continuation rest(call);
  request.worker.emplace(rest, time_limit_);
  routing::Changes before;
  if (call.run->request) before = routing::Changes(call.run->request->edits());
  auto done = [rest, before = std::move(before)](std::expected<Outcome, CallJob::Late> outcome) {
    rest.go_on([outcome = std::move(outcome), before](Call& again) {
      return finish(again, outcome, before);
    });
  };
  auto job = std::make_shared<CallJob>(std::move(interpreters), errors_, std::move(request),
                                       std::move(done));
  if (!pool_->submit(std::move(job))) return Problem{"busy"};
  return Value::Wait{};
}

namespace {

constexpr routing::Function kFunctions[] = {
    routing::waiting(routing::function<&Perl::call>(
        "call", "name, arguments", "any, err", routing::kInHandlers,
        "Calls a function of the script in Perl that the parameter `filename` names, on a thread "
        "of Perl's, and waits for what it returns in scalar context. The function gets the request "
        "(OpenSIPS::Request; undef where there is none) and the arguments: undef for nil, "
        "references to hashes and arrays for tables. What it changes of the request has been "
        "changed when the call returns. err is what it died of, \"busy\" if the queue is full or "
        "no thread was free for time_limit, or \"took longer than time_limit\".")),
};

}  // namespace
}  // namespace opensips::perl

OPENSIPS_MODULE(opensips::perl::Perl, .name = "perl", .version = "1.0",
                .doc = "Functions and routing in Perl.", .needs = {},
                .functions = opensips::perl::kFunctions);
