#include "manage/stats_commands.hh"

#include <string>

namespace opensips::manage {

namespace {

using base::Stats;

const CommandParameter kStatistics{
    .name = "statistics",
    .type = CommandParameter::Type::list,
    .doc = "Names (\"tm:UAS_transactions\"), groups (\"tm:\"), or \"all\"."};

std::unexpected<CommandError> not_found() {
  return std::unexpected(CommandError{404, "Statistics Not Found"});
}

/// What was asked for, one after the other; a name that means nothing is left out.
std::vector<base::Stat> read(const Stats& stats, const Json& names) {
  std::vector<base::Stat> all;
  for (const auto& name : names) {
    if (!name.is_string()) continue;
    for (auto& stat : stats.read(name.get_ref<const std::string&>()))
      all.push_back(std::move(stat));
  }
  return all;
}

CommandResult get(const Stats& stats, const CommandArguments& arguments) {
  Json values = Json::object();
  // One that is named twice is the same twice.
  for (const auto& stat : read(stats, arguments[0])) values[stat.name] = stat.value;
  if (values.empty()) return not_found();
  return values;
}

/// OpenSIPS's word for a gauge is non-incremental.
CommandResult list(const Stats& stats, const CommandArguments& arguments) {
  Json kinds = Json::object();
  for (const auto& stat : read(stats, arguments.has(0) ? arguments[0] : Json::array({"all"}))) {
    kinds[stat.name] = stat.kind == base::StatKind::counter ? "incremental" : "non-incremental";
  }
  if (kinds.empty()) return not_found();
  return kinds;
}

CommandResult reset(Stats& stats, const CommandArguments& arguments) {
  if (read(stats, arguments[0]).empty()) return not_found();
  for (const auto& name : arguments[0]) {
    if (name.is_string()) stats.reset(name.get_ref<const std::string&>());
  }
  return "OK";
}

}  // namespace

void add_stats_commands(Commands& commands, Stats& stats) {
  auto optional = kStatistics;
  optional.optional = true;
  commands.add({.name = "statistics:get",
                .old_name = "get_statistics",
                .doc = "The values of statistics.",
                .parameters = {kStatistics},
                .run = [&](const CommandArguments& arguments) { return get(stats, arguments); }});
  commands.add({.name = "statistics:list",
                .old_name = "list_statistics",
                .doc = "The names of statistics, and whether they only grow (incremental).",
                .parameters = {optional},
                .run = [&](const CommandArguments& arguments) { return list(stats, arguments); }});
  commands.add({.name = "statistics:reset",
                .old_name = "reset_statistics",
                .doc = "Counts from zero again; those that do not only grow stay as they are.",
                .parameters = {kStatistics},
                .run = [&](const CommandArguments& arguments) { return reset(stats, arguments); }});
}

}  // namespace opensips::manage
