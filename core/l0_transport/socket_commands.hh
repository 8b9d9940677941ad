#pragma once

#include "l0_transport/listeners.hh"
#include "manage/command.hh"

namespace opensips::transport {

/// sockets:list, sockets:add, sockets:close. All three outlive the commands.
void add_socket_commands(manage::Commands& commands, Listeners& listeners, const Sockets& sockets);

}  // namespace opensips::transport
