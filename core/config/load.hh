#pragma once

#include <expected>
#include <string>

#include "config/diagnostics.hh"
#include "config/settings.hh"
#include "config/source.hh"

namespace opensips::config {

/// Reads `opensips.cfg` and what it includes. Either everything is right, or all that is wrong
/// comes back at once. Reads files, so not for a worker; throws nothing but out of memory.
std::expected<Settings, Errors> load(const std::string& path, const Reader& reader = read_file);

}  // namespace opensips::config
