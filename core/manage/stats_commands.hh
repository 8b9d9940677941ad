#pragma once

#include "base/stats.hh"
#include "manage/command.hh"

namespace opensips::manage {

/// statistics:get, statistics:list, statistics:reset. The statistics outlive the commands.
void add_stats_commands(Commands& commands, base::Stats& stats);

}  // namespace opensips::manage
