#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/flow.hh"

namespace opensips::routing {

std::optional<base::Transport> transport_of(std::string_view name);

/// A flow as programs keep it and pass it on: "udp:198.51.100.7:5062/0", the number being our
/// socket; over a connection "tcp:198.51.100.7:5062/1/8400000012", the last being its id.
std::string flow_text(const base::Flow& flow);
std::optional<base::Flow> parse_flow(std::string_view text);

}  // namespace opensips::routing
