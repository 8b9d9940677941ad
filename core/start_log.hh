#pragma once

#include <expected>
#include <string>

#include "config/settings.hh"

namespace opensips {

/// Starts the log as configured, and says what the configuration had to remark on. The error is for
/// the operator.
std::expected<void, std::string> start_log(const config::Settings& settings);

}  // namespace opensips
