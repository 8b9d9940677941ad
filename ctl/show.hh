#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace opensips::ctl {

/// A result as a person reads it: lines, names with their values, tables. Control characters, which
/// the network may have put there, are shown and not sent to the terminal.
std::string show(const nlohmann::ordered_json& result);

}  // namespace opensips::ctl
