#pragma once

#include <functional>
#include <string>

#include "l0_transport/sockets.hh"
#include "l6_location/aor_table.hh"
#include "l6_location/shared_access.hh"
#include "manage/command.hh"

namespace opensips::location {

/// Why memory does not have all registrations now, for the operator; empty if it has.
using WhyNot = std::function<std::string()>;

/// The contacts that several servers share; null if they are in memory.
using Shared = std::function<const SharedAccess*()>;

/// What an operator may do with the registrations: usrloc:dump, usrloc:show_contact, usrloc:add,
/// usrloc:rm, usrloc:rm_contact. The table and the sockets outlive the commands. Of shared contacts
/// usrloc:dump shows those that are in the table.
void add_commands(manage::Commands& commands, AorTable& table, const transport::Sockets& sockets,
                  const WhyNot& why_not = {}, const Shared& shared = {});

}  // namespace opensips::location
