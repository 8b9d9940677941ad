#pragma once

#include <iosfwd>
#include <string>

#include "lp_routing/functions/function.hh"

namespace opensips::routing {

/// The manual page opensips-lua(7), made from functions().
void write_manual(std::ostream& out);

/// Annotations for the Lua language server (lua/types/opensips.lua), made from functions().
void write_stubs(std::ostream& out);

/// "code, [reason], [options]"
std::string signature(const Function& function);

}  // namespace opensips::routing
