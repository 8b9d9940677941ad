#pragma once

#include <optional>

#include "loop/source_limit.hh"
#include "manage/command.hh"

namespace opensips::transport {

/// pike:list. `limit` has no value when sources are not limited; it outlives the commands.
void add_flood_commands(manage::Commands& commands, const std::optional<loop::SourceLimit>& limit);

}  // namespace opensips::transport
