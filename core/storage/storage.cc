#include "storage/storage.hh"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace opensips::storage {

using Report = Database::Report;

namespace {

/// A script may make URLs up as it goes: each has threads.
constexpr std::size_t kMostDatabases = 64;

}  // namespace

void Storage::add(Backend& backend) {
  state_.lock()->backends.push_back(&backend);
}

std::expected<Database*, std::string> Storage::open(std::string_view url) {
  auto parsed = Url::parse(url);
  if (!parsed) return std::unexpected(std::move(parsed.error()));
  auto state = state_.lock();
  for (const auto& [name, database] : state->databases) {
    if (name == url) return database.get();
  }
  if (state->databases.size() >= kMostDatabases) return std::unexpected("too many databases");
  const auto backend = std::ranges::find(state->backends, parsed->scheme, &Backend::scheme);
  if (backend == state->backends.end()) {
    return std::unexpected(
        fmt::format("no module knows {}, expected loadmodule \"{}_{}.so\"", parsed->shown(),
                    parsed->scheme == "redis" ? "cachedb" : "db", parsed->scheme));
  }
  auto database = std::make_unique<Database>(**backend, std::move(*parsed), options_);
  return state->databases.emplace_back(url, std::move(database)).second.get();
}

std::size_t Storage::number_of(const Database& database) const {
  const auto state = state_.lock();
  const auto found = std::ranges::find_if(
      state->databases, [&](const auto& one) { return one.second.get() == &database; });
  return static_cast<std::size_t>(found - state->databases.begin());
}

Database& Storage::at(std::size_t number) const {
  return *state_.lock()->databases[number].second;
}

void Storage::settle() {
  for (std::size_t i = 0;; ++i) {
    Database* database = nullptr;
    {
      const auto state = state_.lock();
      if (i == state->databases.size()) return;
      database = state->databases[i].second.get();
    }
    database->settle();
  }
}

void Storage::stop(std::chrono::milliseconds patience) {
  for (const auto& [name, database] : state_.lock()->databases) database->stop(patience);
}

std::uint64_t Storage::sum(std::uint64_t (*of)(const Report&)) const {
  std::uint64_t all = 0;
  for (const auto& [name, database] : state_.lock()->databases) all += of(database->report());
  return all;
}

void Storage::add_to(base::Stats& statistics) {
  const auto add = [&](std::string_view name, std::uint64_t (*of)(const Report&)) {
    statistics.function(name, [this, of] { return sum(of); });
  };
  add("db:queries", [](const Report& of) { return of.done; });
  add("db:failed_queries", [](const Report& of) { return of.failed; });
  add("db:timed_out_queries", [](const Report& of) { return of.timed_out; });
  add("db:refused_queries", [](const Report& of) { return of.refused; });
  add("db:waiting_queries", [](const Report& of) { return std::uint64_t{of.waiting}; });
  add("db:connects", [](const Report& of) { return of.connects; });
  add("db:down",
      [](const Report& of) { return std::uint64_t{of.state == Breaker::State::closed ? 0U : 1U}; });
}

manage::Json Storage::list() const {
  auto databases = manage::Json::array();
  for (const auto& [name, database] : state_.lock()->databases) {
    const auto report = database->report();
    databases.push_back({{"url", database->name()},
                         {"circuit", to_string(report.state)},
                         {"connections", report.connected},
                         {"connects", report.connects},
                         {"waiting", report.waiting},
                         {"done", report.done},
                         {"failed", report.failed},
                         {"timed_out", report.timed_out},
                         {"refused", report.refused},
                         {"last_error", report.last_error}});
  }
  return databases;
}

void Storage::add_to(manage::Commands& commands) {
  commands.add({.name = "db:list",
                .old_name = "",
                .doc = "Lists the databases, and how they are.",
                .run = [this](const manage::CommandArguments&) -> manage::CommandResult {
                  return manage::Json{{"Databases", list()}};
                }});
}

}  // namespace opensips::storage
