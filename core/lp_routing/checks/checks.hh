#pragma once

#include <vector>

#include "lp_routing/checks/finding.hh"
#include "lp_routing/checks/program.hh"

namespace opensips::routing::checks {

/// What is wrong with a script and the files that it requires, as far as their text says, by file
/// and line. Nothing is run. The script compiles: what this parser cannot read is odd, not wrong.
/// What is certain is an error whenever that place is run. Control thread.
std::vector<Finding> look_at(const Sources& sources);

}  // namespace opensips::routing::checks
