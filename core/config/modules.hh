#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "config/diagnostics.hh"
#include "config/parameter.hh"
#include "config/settings.hh"

namespace opensips::config {

/// Who opens the modules that a configuration loads, and knows their parameters. Asked while the
/// configuration is read, once all its files are.
class Modules {
 public:
  virtual ~Modules() = default;

  /// Opens what a loadmodule names. What is wrong is for the operator, who also gets the place.
  virtual std::expected<void, std::string> open(const Module& module,
                                                std::span<const std::string> mpath) = 0;
  /// What modparam may set of a module that was opened.
  virtual std::span<const Parameter> parameters(std::string_view module) const = 0;
  /// All modules are open and have their parameters: do they fit together?
  virtual void check(const Settings& settings, Diagnostics& diagnostics) = 0;
};

}  // namespace opensips::config
