#pragma once

#include <span>
#include <string_view>

namespace opensips {

/// `opensips db …`, which opensipsctl calls: creates the tables of a database, takes old ones over,
/// shows their versions. `words` are those behind "db". What it says goes to standard output and
/// error; returns the status to leave with.
int run_database_tool(std::span<char* const> words);

inline constexpr std::string_view kDatabaseTool = "db";

}  // namespace opensips
