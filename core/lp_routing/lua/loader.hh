#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/stats.hh"
#include "lp_routing/functions/services.hh"
#include "lp_routing/generations.hh"
#include "lp_routing/lua/engine.hh"
#include "lp_routing/rehearsal.hh"
#include "lp_routing/traces.hh"
#include "manage/command.hh"

namespace opensips::routing::lua {

/// Loads the routing script for all workers: at the start, and anew when the operator says so.
/// Control thread, which does one thing after the other: so are two reloads.
class Loader {
 public:
  /// `services` of each worker; they and `generations` must outlive it.
  Loader(Generations& generations, const Settings& settings, std::vector<Services*> services,
         std::size_t max_generations)
      : generations_(generations),
        settings_(settings),
        services_(std::move(services)),
        max_generations_(max_generations) {
    settings_.traces = traces_;
  }

  /// What script:canary has recorded calls run by; without one it has none run. Outlives this.
  void set_rehearsal(Rehearsal& rehearsal) { rehearsal_ = &rehearsal; }

  /// Reads the files, runs top level and startup handler in a state for each worker, and publishes
  /// the generation if all of them are well. Else nothing has changed, and the error, for the
  /// operator, says where and why.
  std::expected<void, std::string> load();

  /// Of the files of the newest one, in every process: text for people.
  const std::string& fingerprint() const { return fingerprint_; }

  /// script:reload, which is reload_routes, what else is said of generations, and traces.
  void add_to(manage::Commands& commands);
  /// The group "script:".
  void add_to(base::Stats& statistics);

 private:
  struct Loaded {
    std::unique_ptr<Generation> generation;
    double milliseconds;
  };
  std::expected<std::unique_ptr<Generation>, std::string> make();
  std::expected<Loaded, manage::CommandError> make_anew();
  std::expected<Generation::Engines, std::string> make_engines(std::uint32_t generation);
  std::expected<Generation::Engines, std::string> make_lua_engines(const Settings& settings);
  void look_at(const Settings& settings, Files& files);
  manage::Json result(manage::Json made) const;
  std::expected<void, std::string> admit() const;
  manage::CommandResult reload();
  std::shared_ptr<manage::LaterResult> try_out(const manage::CommandArguments& given);
  manage::CommandResult try_out(std::uint64_t share);
  std::expected<void, manage::CommandError> rehearse(
      const manage::CommandArguments& given, std::uint64_t share,
      const std::shared_ptr<manage::LaterResult>& later);
  manage::CommandResult try_out_as_rehearsed(std::uint64_t share, std::uint64_t tolerated,
                                             const Rehearsal::Outcome& outcome);
  manage::CommandResult promote();
  manage::CommandResult roll_back();
  manage::CommandResult list() const;

  Generations& generations_;
  const std::shared_ptr<Traces> traces_ = std::make_shared<Traces>();
  Settings settings_;
  std::vector<Services*> services_;
  std::size_t max_generations_;
  Rehearsal* rehearsal_ = nullptr;
  std::vector<std::string> findings_;  // in the files of the newest one
  std::string fingerprint_;            // of them
  std::uint32_t newest_ = 0;           // the number of the last generation that was made
  std::atomic<std::uint64_t> reloads_ = 0;
  std::atomic<std::uint64_t> failures_ = 0;
};

}  // namespace opensips::routing::lua
