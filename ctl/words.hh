#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace opensips::ctl {

/// A typed line as words: blanks between them, quotes around what has blanks in it. An error if a
/// quote does not end.
std::expected<std::vector<std::string>, std::string> split(std::string_view line);

/// The parameters of a command as typed: all of them as name=value, or none. A value that begins
/// with '[' and is JSON is a list. An error says what is wrong.
std::expected<nlohmann::ordered_json, std::string> params_of(std::span<const std::string> words);

}  // namespace opensips::ctl
