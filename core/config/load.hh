#pragma once

#include <expected>
#include <string>

#include "config/diagnostics.hh"
#include "config/modules.hh"
#include "config/settings.hh"
#include "config/source.hh"

namespace opensips::config {

/// Reads `opensips.cfg` and what it includes. Either everything is right, or all that is wrong
/// comes back at once. `modules` opens what loadmodule names, and its modules have their parameters
/// when this returns; without it there is none but the built-in ones. Reads files, so not for a
/// worker; throws nothing but out of memory.
std::expected<Settings, Errors> load(const std::string& path, const Reader& reader = read_file,
                                     Modules* modules = nullptr);

}  // namespace opensips::config
