#pragma once

#include <deque>
#include <expected>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hh"
#include "lp_routing/engine.hh"
#include "lp_routing/functions/function.hh"
#include "lp_routing/language.hh"
#include "perl/call_job.hh"
#include "perl/interpreters.hh"
#include "perl/pool.hh"
#include "perl/script_program.hh"

namespace opensips::perl {

/// Runs a routing script in Perl for one worker. A handler runs on a thread of the pool, on a copy
/// of its request; what it wants done is done here when it has ended, by the functions that scripts
/// in Lua call, and the handler that follows runs when that has come to something. While a request
/// waits there is a Course of it, and no thread.
class Engine final : public routing::Engine {
 public:
  /// `pool`, `services` and what the version names outlive it. The script has been loaded.
  Engine(Pool& pool, std::shared_ptr<Interpreters> interpreters, std::shared_ptr<Errors> errors,
         routing::Services& services, const routing::Language::Version& version);

  bool handles(routing::Handler handler) const override { return has_.contains(handler); }
  std::span<const Every> timers() const override { return timers_; }
  std::span<const std::string> events() const override { return events_; }
  Progress start(routing::Run& run) override;
  Progress resume(routing::Run& run, routing::Value result) override;
  void abandon(routing::Run& run) override;
  std::string place_of(const routing::Run& run) const override;

 private:
  using Result = std::expected<Outcome, CallJob::Late>;
  struct Course;

  std::string function_of(const routing::Run& run) const;
  Progress call(routing::Run& run, std::string function, std::vector<Data> arguments);
  Progress go_on(routing::Run& run, const Result& result);
  Progress perform(routing::Run& run);
  Progress follow(routing::Run& run, const Action& action, const routing::Value& result);
  Progress end(routing::Run& run, Progress how);
  void log_failure(const routing::Run& run, std::string_view what);

  Pool& pool_;
  const std::shared_ptr<Interpreters> interpreters_;
  const std::shared_ptr<Errors> errors_;
  routing::Services& services_;
  ScriptProgram program_;
  std::set<routing::Handler> has_;
  std::vector<Every> timers_;        // Run::task is the place in `named().timers`, and one
  std::vector<std::string> events_;  // as in `named().events`
  base::KeyedRateLimit failures_{std::chrono::milliseconds(200)};
};

}  // namespace opensips::perl
