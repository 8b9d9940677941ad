#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "config/schema.hh"
#include "config/syntax.hh"

namespace opensips::config {

/// Gives a parameter its value in `settings` (not sockets, aliases and path lists). Paths start at
/// `directory`. Returns what is wrong, "workers is 99, expected an integer from 0 to 64".
std::optional<std::string> assign(const Parameter& parameter, const Value& value,
                                  std::string_view directory, Settings& settings);

/// "20s", "500ms", "0", …
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
/// The same back, in the largest unit that divides it.
std::string duration_text(std::chrono::milliseconds duration);

/// A path as a file in `directory` means it; what is empty stays so.
std::string resolve_path(std::string_view path, std::string_view directory);

}  // namespace opensips::config
