#pragma once

#include <expected>
#include <string>
#include <vector>

namespace opensips {

/// What a tool has to say, to standard output, or what went wrong, to standard error. Returns the
/// status to leave with.
int report(const std::expected<std::vector<std::string>, std::string>& done);

}  // namespace opensips
