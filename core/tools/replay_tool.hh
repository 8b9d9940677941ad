#pragma once

#include <span>
#include <string_view>

namespace opensips {

/// `opensips replay …`: runs what script:record has written against a script. `words` are those
/// behind "replay". What it says goes to standard output and error; returns the status to leave
/// with: 0 if all calls went as they did then, 1 if not, 2 if nothing could be run.
int run_replay_tool(std::span<char* const> words);

inline constexpr std::string_view kReplayTool = "replay";

}  // namespace opensips
