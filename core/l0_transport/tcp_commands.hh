#pragma once

#include "l0_transport/connection_table.hh"
#include "l0_transport/sockets.hh"
#include "manage/command.hh"

namespace opensips::transport {

/// tcp:list and tcp:close. Both must outlive the commands.
void add_tcp_commands(manage::Commands& commands, ConnectionTable& table, const Sockets& sockets);

}  // namespace opensips::transport
