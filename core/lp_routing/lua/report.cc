#include "lp_routing/lua/report.hh"

#include <algorithm>

#include <fmt/format.h>

#include "lp_routing/checks/checks.hh"
#include "lp_routing/lua/modules.hh"

namespace opensips::routing::lua {

std::vector<checks::Finding> look_at(const Settings& settings, Files& files, bool was_loaded) {
  const auto read = [&](const std::string& file) -> const std::string* {
    const auto& text = files.read(file);
    return text ? &*text : nullptr;
  };
  auto findings =
      checks::look_at({settings.script, search_path(settings.lua_path), settings.functions, read});
  for (auto& finding : findings) {
    // It stands behind a condition, or whoever ran into it caught the error.
    if (was_loaded && finding.is_at_start) finding.is_certain = false;
  }
  return findings;
}

Language::Version version_of(const Settings& settings) {
  return {.file = settings.script,
          .number = settings.generation,
          .functions = settings.functions,
          .events = settings.events};
}

Report check(const Settings& settings) {
  if (settings.parts) {
    if (const auto parts = settings.parts(settings.generation, true); !parts)
      return {{parts.error()}, true};
  }
  if (settings.language) {
    const std::string problem = settings.language->check(version_of(settings));
    return problem.empty() ? Report() : Report{{problem}, true};
  }
  Files files;
  Report report;
  const std::string problem = Engine::check(settings, files);
  report.failed = !problem.empty();
  for (const auto& finding : look_at(settings, files, !report.failed)) {
    // Said once, by who ran into it.
    if (problem.starts_with(fmt::format("{}:{}:", finding.file, finding.at.line))) continue;
    report.lines.push_back(finding.line());
    report.failed = report.failed || (finding.is_error && finding.is_certain);
  }
  if (!problem.empty()) report.lines.push_back(problem);
  return report;
}

}  // namespace opensips::routing::lua
