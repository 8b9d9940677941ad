#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/parameter.hh"
#include "config/settings.hh"

/// What the configuration may say: one table for reading it, for its errors and for the manual.
namespace opensips::config {

/// Every parameter: globals, then those of the built-in modules.
std::span<const Parameter> parameters();
const Parameter* find_parameter(std::string_view module, std::string_view name);
/// Names that a module (empty: the globals) has.
std::vector<std::string_view> parameter_names(std::string_view module);

/// Modules of OpenSIPS whose work the core does.
bool is_built_in(std::string_view module);
std::span<const std::string_view> built_in_modules();

/// What an old name of OpenSIPS is called now; empty when it is no such name.
std::string_view renamed(std::string_view name);

}  // namespace opensips::config
