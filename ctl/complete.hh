#pragma once

#include <span>
#include <string>
#include <vector>

#include "ctl/client.hh"

namespace opensips::ctl {

/// What may stand for the last of the words of a command line: commands, or the parameters of the
/// command that is there. Nothing if the server does not say.
std::vector<std::string> complete(Client& client, std::span<const std::string> words);

}  // namespace opensips::ctl
