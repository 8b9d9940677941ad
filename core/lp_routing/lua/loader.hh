#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "base/stats.hh"
#include "lp_routing/functions/services.hh"
#include "lp_routing/generations.hh"
#include "lp_routing/lua/engine.hh"
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
        max_generations_(max_generations) {}

  /// Reads the files, runs top level and startup handler in a state for each worker, and publishes
  /// the generation if all of them are well. Else nothing has changed, and the error, for the
  /// operator, says where and why.
  std::expected<void, std::string> load();

  /// script:reload, which is reload_routes, and script:list.
  void add_to(manage::Commands& commands);
  /// The group "script:".
  void add_to(base::Stats& statistics);

 private:
  std::expected<Generation::Engines, std::string> make_engines(std::uint32_t generation);
  std::expected<void, std::string> admit() const;
  manage::CommandResult reload();
  manage::CommandResult list() const;

  Generations& generations_;
  Settings settings_;
  std::vector<Services*> services_;
  std::size_t max_generations_;
  std::atomic<std::uint64_t> reloads_ = 0;
  std::atomic<std::uint64_t> failures_ = 0;
};

}  // namespace opensips::routing::lua
