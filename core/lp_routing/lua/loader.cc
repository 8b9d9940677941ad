#include "lp_routing/lua/loader.hh"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/log.hh"
#include "lp_routing/lua/report.hh"
#include "lp_routing/share.hh"

namespace opensips::routing::lua {
namespace {

using manage::CommandArguments;
using manage::CommandError;
using manage::CommandResult;
using manage::Json;
using manage::LaterResult;

std::unexpected<CommandError> refusal(int code, std::string why) {
  return std::unexpected(CommandError{code, std::move(why)});
}

double milliseconds_since(std::chrono::steady_clock::time_point begin) {
  const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - begin;
  return static_cast<double>(static_cast<std::int64_t>(time.count() * 1000)) / 1000;
}

/// Whether it has something to do, whoever gets the calls to come.
bool is_busy(const Generations::Live& one) {
  return one.role == Generations::Role::current || one.runs > 0;
}

/// "generation 3 runs 12 handlers, generation 4 runs 1 handler", without the current one; empty if
/// no others run any.
std::string older_ones(const std::vector<Generations::Live>& living) {
  std::string text;
  for (const auto& one : living) {
    if (one.role == Generations::Role::current || one.runs == 0) continue;
    text += fmt::format("{}generation {} runs {} handler{}", text.empty() ? "" : ", ", one.number,
                        one.runs, one.runs == 1 ? "" : "s");
  }
  return text;
}

std::string_view to_string(Generations::Role role) {
  constexpr std::string_view names[] = {"current", "canary", "previous", "ending"};
  return names[static_cast<unsigned>(role)];
}

std::string percent(std::uint64_t share) {
  return fmt::format("{:.4g}%", 100.0 * static_cast<double>(share) / Generations::kAll);
}

Json counts(const Rehearsal::Outcome& outcome) {
  return {{"same", outcome.same},
          {"different", outcome.different},
          {"left_out", outcome.left_out},
          {"shown", outcome.shown}};
}

/// "12 calls were replayed, 11 same, 1 different: …", with the first few of them.
std::string summary(const Rehearsal::Outcome& outcome) {
  constexpr std::size_t kMost = 3;
  auto text = fmt::format("{} calls were replayed, {} same, {} different",
                          outcome.same + outcome.different, outcome.same, outcome.different);
  for (std::size_t i = 0; i < std::min(kMost, outcome.shown.size()); ++i)
    text += (i == 0 ? ": " : "; ") + outcome.shown[i];
  return text;
}

/// Of the answers: {"2xx": 12, …}.
Json answers(const Generation::Counts& counts) {
  Json all = Json::object();
  for (std::size_t i = 0; i < counts.answers.size(); ++i) {
    all[fmt::format("{}xx", i + 2)] = counts.answers[i];
  }
  return all;
}

}  // namespace

std::expected<void, std::string> Loader::load() {
  auto made = make();
  if (!made) return std::unexpected(std::move(made.error()));
  generations_.publish(std::move(*made));
  return {};
}

std::expected<std::unique_ptr<Generation>, std::string> Loader::make() {
  auto engines = make_engines(newest_ + 1);
  if (!engines) return std::unexpected(std::move(engines.error()));
  return std::make_unique<Generation>(++newest_, std::move(*engines));
}

std::expected<Generation::Engines, std::string> Loader::make_engines(std::uint32_t generation) {
  Settings settings = settings_;
  settings.generation = generation;
  // First: what there is of a version while its engines are made.
  auto parts = settings.parts ? settings.parts(generation, false) : Settings::Parts();
  if (!parts) return std::unexpected(std::move(parts.error()));
  auto engines = settings.language ? settings.language->load(version_of(settings), services_)
                                   : make_lua_engines(settings);
  if (!engines) return engines;
  for (const auto& engine : *engines) {
    for (const auto& part : *parts) engine->keep(part);
  }
  return engines;
}

std::expected<Generation::Engines, std::string> Loader::make_lua_engines(const Settings& settings) {
  Files files;
  Generation::Engines engines;
  for (Services* const services : services_) {
    auto engine = Engine::load(settings, *services, files);
    if (!engine) return std::unexpected(std::move(engine.error()));
    engines.push_back(std::move(*engine));
  }
  look_at(settings, files);
  fingerprint_ = fmt::format("{:016x}", files.fingerprint());
  return engines;
}

/// It runs, but it may have mistakes where it has not run yet.
void Loader::look_at(const Settings& settings, Files& files) {
  constexpr std::size_t kMost = 50;
  findings_.clear();
  for (const auto& finding : lua::look_at(settings, files, true))
    findings_.push_back(finding.line());
  const std::size_t all = findings_.size();
  if (all > kMost) {
    findings_.resize(kMost);
    findings_.push_back(fmt::format("{} findings more: opensips -C shows all", all - kMost));
  }
  for (const auto& line : findings_) base::log_warn("script: {}", line);
}

/// What a command has made, with what was found in it.
Json Loader::result(Json made) const {
  if (!findings_.empty()) made["findings"] = findings_;
  return made;
}

/// Whether there may be one generation more.
std::expected<void, std::string> Loader::admit() const {
  const auto living = generations_.live();
  const auto busy = static_cast<std::size_t>(std::ranges::count_if(living, is_busy));
  if (busy < max_generations_) return {};
  return std::unexpected(
      fmt::format("{} generations of the script live, which is as many as script_generations_max "
                  "allows; try again when one has ended: {}",
                  busy, older_ones(living)));
}

/// For a command: what is wrong is counted and logged.
std::expected<Loader::Loaded, CommandError> Loader::make_anew() {
  const auto begin = std::chrono::steady_clock::now();
  const auto admitted = admit();
  auto made = admitted ? make() : std::unexpected(admitted.error());
  if (made) return Loaded{std::move(*made), milliseconds_since(begin)};
  failures_.fetch_add(1, std::memory_order_relaxed);
  base::log_error("script: not reloaded, generation {} goes on: {}", generations_.number(),
                  made.error());
  return std::unexpected(CommandError{admitted ? 500 : 400, made.error()});
}

CommandResult Loader::reload() {
  auto made = make_anew();
  if (!made) return std::unexpected(std::move(made.error()));
  generations_.publish(std::move(made->generation));
  reloads_.fetch_add(1, std::memory_order_relaxed);
  const std::string others = older_ones(generations_.live());
  base::log_notice("script: generation {} of {} gets the requests, loaded in {:.1f} ms{}{}",
                   generations_.number(), settings_.script, made->milliseconds,
                   others.empty() ? "" : "; ", others);
  return result({{"generation", generations_.number()}, {"milliseconds", made->milliseconds}});
}

/// share, replay, tolerate.
std::shared_ptr<LaterResult> Loader::try_out(const CommandArguments& given) {
  auto later = std::make_shared<LaterResult>();
  const auto share = share_of(given.text(0));
  if (!share) {
    later->set(refusal(400, "a share is a percentage, as 5% or 0.5%, up to 100%"));
  } else if (given.has(1)) {
    if (auto begun = rehearse(given, *share, later); !begun)
      later->set(std::unexpected(std::move(begun.error())));
  } else if (given.has(2)) {
    later->set(refusal(400, "tolerate: of what is replayed, expected replay=FILE"));
  } else {
    later->set(try_out(*share));
  }
  return later;
}

/// Whoever is tried already keeps being tried: files are read for the first share only.
CommandResult Loader::try_out(std::uint64_t share) {
  if (!generations_.set_share(share)) {
    auto made = make_anew();
    if (!made) return std::unexpected(std::move(made.error()));
    generations_.try_out(std::move(made->generation), share);
  }
  base::log_notice("script: generation {} is tried with {} of the calls", newest_, percent(share));
  return result({{"generation", newest_}, {"share", percent(share)}});
}

/// Begins to run recorded calls; what comes of them is for `later`, if somebody still waits for it,
/// and for the script all the same.
std::expected<void, CommandError> Loader::rehearse(const CommandArguments& given,
                                                   std::uint64_t share,
                                                   const std::shared_ptr<LaterResult>& later) {
  const std::string& record = given.text(1);
  const std::int64_t tolerated = given.has(2) ? given.integer(2) : 0;
  if (!rehearsal_) return refusal(404, "no calls can be replayed here");
  if (!record.starts_with('/'))
    return refusal(400, fmt::format("'{}': expected a path that begins with /", record));
  if (tolerated < 0) return refusal(400, "tolerate: expected a number of calls");
  if (rehearsal_->is_running()) return refusal(409, "a replay is running");
  if (generations_.is_trying())
    return refusal(409, "a generation is tried already, script:rollback gives it up");
  if (auto admitted = admit(); !admitted) return refusal(400, admitted.error());
  auto done = [this, share, tolerated = static_cast<std::uint64_t>(tolerated), record,
               waits = std::weak_ptr(later)](const auto& outcome) {
    auto tried =
        outcome ? try_out_as_rehearsed(share, tolerated, *outcome) : refusal(400, outcome.error());
    if (!tried) base::log_error("script: not tried after {}: {}", record, tried.error().message);
    if (const auto waiting = waits.lock()) waiting->set(std::move(tried));
  };
  if (auto begun = rehearsal_->begin(record, std::move(done)); !begun)
    return refusal(500, begun.error());
  base::log_notice("script: {} is replayed before {} of the calls", record, percent(share));
  return {};
}

CommandResult Loader::try_out_as_rehearsed(std::uint64_t share, std::uint64_t tolerated,
                                           const Rehearsal::Outcome& outcome) {
  for (const auto& line : outcome.shown) base::log_notice("script: replayed otherwise: {}", line);
  if (outcome.different > tolerated) return refusal(409, summary(outcome));
  if (generations_.is_trying()) return refusal(409, "another generation is tried by now");
  auto made = make_anew();
  if (!made) return std::unexpected(std::move(made.error()));
  // It was read by another process, at another time, by a configuration as that is now.
  if (fingerprint_ != outcome.fingerprint) {
    return refusal(409, fmt::format("{} or a file that it requires has changed since the replay "
                                    "began, or the configuration names another script",
                                    settings_.script));
  }
  generations_.try_out(std::move(made->generation), share);
  auto begun = try_out(share);
  if (begun) (*begun)["replay"] = counts(outcome);
  return begun;
}

CommandResult Loader::promote() {
  if (!generations_.promote()) {
    return std::unexpected(CommandError{404, "no generation is tried; script:canary begins it"});
  }
  base::log_notice("script: generation {} gets all requests", generations_.number());
  return Json{{"generation", generations_.number()}};
}

/// What is not tried yet is given up before what is.
CommandResult Loader::roll_back() {
  if (rehearsal_ && rehearsal_->is_running()) {
    rehearsal_->give_up("script:rollback has ended the replay");
    return Json{{"generation", generations_.number()}, {"replay", "ended"}};
  }
  if (!generations_.roll_back()) {
    return std::unexpected(CommandError{404, "there is no generation to go back to"});
  }
  base::log_notice("script: back to generation {}, which gets all requests", generations_.number());
  return Json{{"generation", generations_.number()}};
}

CommandResult Loader::list() const {
  Json all = Json::array();
  for (const auto& one : generations_.live()) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(one.made_at);
    all.push_back({{"generation", one.number},
                   {"state", to_string(one.role)},
                   {"share", percent(one.share)},
                   {"loaded", fmt::format("{:%FT%TZ}", seconds)},
                   {"runs", one.runs},
                   {"requests", one.counts.requests},
                   {"errors", one.counts.errors},
                   {"answers", answers(one.counts)}});
  }
  return Json{{"script", settings_.script}, {"generations", std::move(all)}};
}

void Loader::add_to(manage::Commands& commands) {
  using Type = manage::CommandParameter::Type;
  traces_->add_to(commands);
  commands.add(
      {.name = "script:reload",
       .old_name = "reload_routes",
       .doc = "Loads the routing script anew; requests being handled keep the one they have.",
       .run = [this](const CommandArguments&) { return reload(); }});
  commands.add(
      {.name = "script:canary",
       .old_name = "",
       .doc = "Loads the routing script anew and tries it with a share of the calls; or changes "
              "the share.",
       .parameters = {{.name = "share", .doc = "of the calls to come, as 5%"},
                      {"replay", Type::text, true,
                       "a file of script:record, which is run against the script first: the script "
                       "is tried if its calls go as they did"},
                      {"tolerate", Type::integer, true,
                       "so many of them may go otherwise; else none"}},
       .run_later = [this](const CommandArguments& given) { return try_out(given); }});
  commands.add({.name = "script:promote",
                .old_name = "",
                .doc = "Gives all requests to the script that is tried.",
                .run = [this](const CommandArguments&) { return promote(); }});
  commands.add(
      {.name = "script:rollback",
       .old_name = "",
       .doc = "Ends a replay that is running; else gives up the script that is tried or, if there "
              "is none, the current one for the one before it.",
       .run = [this](const CommandArguments&) { return roll_back(); }});
  commands.add({.name = "script:list",
                .old_name = "",
                .doc = "Lists the generations of the routing script: what each gets, runs, and has "
                       "answered.",
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
