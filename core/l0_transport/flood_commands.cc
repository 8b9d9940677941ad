#include "l0_transport/flood_commands.hh"

#include "base/clock.hh"

namespace opensips::transport {

namespace {

using manage::CommandArguments;
using manage::CommandError;
using manage::CommandResult;
using manage::Json;

CommandResult list(const std::optional<loop::SourceLimit>& limit) {
  if (!limit) return std::unexpected(CommandError{400, "source_limit is not set"});
  Json all = Json::array();
  for (const auto& [source, dropped] : limit->limited(base::monotonic_ms())) {
    all.push_back({{"IP", source}, {"Dropped", dropped}});
  }
  return Json{{"Sources", std::move(all)}};
}

}  // namespace

void add_flood_commands(manage::Commands& commands, const std::optional<loop::SourceLimit>& limit) {
  commands.add({.name = "pike:list",
                .old_name = "pike_list",
                .doc = "Sources above source_limit, and what was dropped in up to ten seconds.",
                .run = [&](const CommandArguments&) { return list(limit); }});
}

}  // namespace opensips::transport
