#pragma once

#include <span>
#include <string_view>

namespace opensips {

/// `opensips test …`: runs an operator's own tests of a script. `words` are those behind "test".
/// What it says goes to standard output and error; returns the status to leave with: 0 if all have
/// passed.
int run_test_tool(std::span<char* const> words);

inline constexpr std::string_view kTestTool = "test";

}  // namespace opensips
