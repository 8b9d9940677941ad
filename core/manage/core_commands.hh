#pragma once

#include <ctime>
#include <functional>

#include "manage/command.hh"

namespace opensips::manage {

/// version, uptime, which, help, log_level, kill. `commands` lists itself, so it must outlive its
/// own use; `stop` ends the server.
void add_core_commands(Commands& commands, std::time_t started, std::function<void()> stop);

}  // namespace opensips::manage
