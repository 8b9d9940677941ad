#pragma once

#include <string>
#include <vector>

namespace opensips::ctl {

/// Whether a command is none of a running server's, but the work of its program: `db`,
/// `user`.
bool is_server_tool(const std::string& word);

/// Becomes that program, which lies beside this one or is found like any other. It returns only if
/// there is none: the error, one line.
std::string become_server_tool(const std::vector<std::string>& words);

}  // namespace opensips::ctl
