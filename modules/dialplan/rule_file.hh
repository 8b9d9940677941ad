#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "config/diagnostics.hh"
#include "dialplan/rule_set.hh"

namespace opensips::dialplan {

inline constexpr std::size_t kMaxFile = std::size_t{256} << 20;  ///< bytes

/// The rules in the text of a file, which is OpenSIPS's table `dialplan` in the format of db_text:
/// its eleven columns, in any order. Either all of it is right, or all that is wrong comes back,
/// with the place. Takes its time: not for a worker.
std::expected<RuleSet, config::Errors> parse_rules(const std::string& file, std::string_view text);

/// The same, read from a file.
std::expected<RuleSet, config::Errors> load_rules(const std::string& file);

}  // namespace opensips::dialplan
