#pragma once

#include <string>
#include <vector>

#include "lp_routing/checks/finding.hh"
#include "lp_routing/lua/engine.hh"
#include "lp_routing/lua/files.hh"

namespace opensips::routing::lua {

/// What the text of a script, and of what it requires, says of mistakes in it: nothing is run. If
/// it `was_loaded` without an error, what is only run then is certain to fail no more.
std::vector<checks::Finding> look_at(const Settings& settings, Files& files, bool was_loaded);

/// What a script in another language is loaded by.
Language::Version version_of(const Settings& settings);

/// What is wrong with a script, for an operator: a line for each.
struct Report {
  std::vector<std::string> lines;
  bool failed = false;  ///< it could not be loaded, or something is certain to fail
};
/// Looks at the script, then compiles it and runs its top level, as a start does; one in another
/// language is only compiled.
Report check(const Settings& settings);

}  // namespace opensips::routing::lua
