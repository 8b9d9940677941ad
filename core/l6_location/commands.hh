#pragma once

#include <functional>
#include <string>

#include "l0_transport/sockets.hh"
#include "l6_location/aor_table.hh"
#include "manage/command.hh"

namespace opensips::location {

/// Why memory does not have all registrations now, for the operator; empty if it has.
using WhyNot = std::function<std::string()>;

/// What an operator may do with the registrations: usrloc:dump, usrloc:show_contact, usrloc:add,
/// usrloc:rm, usrloc:rm_contact. The table and the sockets outlive the commands.
void add_commands(manage::Commands& commands, AorTable& table, const transport::Sockets& sockets,
                  const WhyNot& why_not = {});

}  // namespace opensips::location
