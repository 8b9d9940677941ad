#include "lp_routing/lua/loader.hh"

#include <chrono>
#include <memory>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/log.hh"

namespace opensips::routing::lua {
namespace {

using manage::CommandArguments;
using manage::CommandError;
using manage::CommandResult;
using manage::Json;

double milliseconds_since(std::chrono::steady_clock::time_point begin) {
  const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - begin;
  return static_cast<double>(static_cast<std::int64_t>(time.count() * 1000)) / 1000;
}

/// "generation 3 runs 12 handlers, generation 4 runs 1 handler", without the current one; empty if
/// there are no others.
std::string older_ones(const std::vector<Generations::Live>& living) {
  std::string text;
  for (std::size_t i = 0; i + 1 < living.size(); ++i) {
    const auto& [number, made_at, runs] = living[i];
    text += fmt::format("{}generation {} runs {} handler{}", text.empty() ? "" : ", ", number, runs,
                        runs == 1 ? "" : "s");
  }
  return text;
}

}  // namespace

std::expected<void, std::string> Loader::load() {
  const std::uint32_t number = generations_.number() + 1;
  auto engines = make_engines(number);
  if (!engines) return std::unexpected(std::move(engines.error()));
  generations_.publish(std::make_unique<Generation>(number, std::move(*engines)));
  return {};
}

std::expected<Generation::Engines, std::string> Loader::make_engines(std::uint32_t generation) {
  Settings settings = settings_;
  settings.generation = generation;
  Files files;
  Generation::Engines engines;
  for (Services* const services : services_) {
    auto engine = Engine::load(settings, *services, files);
    if (!engine) return std::unexpected(std::move(engine.error()));
    engines.push_back(std::move(*engine));
  }
  return engines;
}

/// Whether there may be one generation more.
std::expected<void, std::string> Loader::admit() const {
  const auto living = generations_.live();
  if (living.size() < max_generations_) return {};
  return std::unexpected(
      fmt::format("{} generations of the script live, which is as many as script_generations_max "
                  "allows; try again when one has ended: {}",
                  living.size(), older_ones(living)));
}

CommandResult Loader::reload() {
  const auto begin = std::chrono::steady_clock::now();
  const auto admitted = admit();
  const auto loaded = admitted ? load() : admitted;
  if (!loaded) {
    failures_.fetch_add(1, std::memory_order_relaxed);
    base::log_error("script: not reloaded, generation {} goes on: {}", generations_.number(),
                    loaded.error());
    return std::unexpected(CommandError{admitted ? 500 : 400, loaded.error()});
  }
  reloads_.fetch_add(1, std::memory_order_relaxed);
  const double time = milliseconds_since(begin);
  const std::string others = older_ones(generations_.live());
  base::log_notice("script: generation {} of {} gets the requests, loaded in {:.1f} ms{}{}",
                   generations_.number(), settings_.script, time, others.empty() ? "" : "; ",
                   others);
  return Json{{"generation", generations_.number()}, {"milliseconds", time}};
}

CommandResult Loader::list() const {
  Json all = Json::array();
  const auto living = generations_.live();
  for (const auto& one : living) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(one.made_at);
    all.push_back({{"generation", one.number},
                   {"state", &one == &living.back() ? "current" : "ending"},
                   {"loaded", fmt::format("{:%FT%TZ}", seconds)},
                   {"runs", one.runs}});
  }
  return Json{{"script", settings_.script}, {"generations", std::move(all)}};
}

void Loader::add_to(manage::Commands& commands) {
  commands.add(
      {.name = "script:reload",
       .old_name = "reload_routes",
       .doc = "Loads the routing script anew; requests being handled keep the one they have.",
       .run = [this](const CommandArguments&) { return reload(); }});
  commands.add({.name = "script:list",
                .old_name = "",
                .doc = "Lists the generations of the routing script that have something to run.",
                .run = [this](const CommandArguments&) { return list(); }});
}

void Loader::add_to(base::Stats& statistics) {
  statistics.function("script:generation", [this] { return generations_.number(); });
  statistics.function("script:generations", [this] { return generations_.size(); });
  statistics.function("script:reloads",
                      [this] { return reloads_.load(std::memory_order_relaxed); });
  statistics.function("script:failed_reloads",
                      [this] { return failures_.load(std::memory_order_relaxed); });
}

}  // namespace opensips::routing::lua
