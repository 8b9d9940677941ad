#pragma once

#include <span>
#include <string_view>

namespace opensips {

/// `opensips user …`, which opensipsctl calls: adds users to the table of subscribers, changes
/// their passwords, removes and lists them. `words` are those behind "user". What it says goes to
/// standard output and error; returns the status to leave with.
int run_user_tool(std::span<char* const> words);

inline constexpr std::string_view kUserTool = "user";

}  // namespace opensips
