#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/flow.hh"

namespace opensips::routing {

/// "udp"
constexpr std::string_view transport_name(base::Transport transport) {
  constexpr std::string_view names[] = {"udp", "tcp", "tls", "sctp", "ws", "wss"};
  return names[static_cast<unsigned>(transport)];
}

std::optional<base::Transport> transport_of(std::string_view name);

/// A flow as programs keep it and pass it on: "udp:198.51.100.7:5062/0", the number being our
/// socket.
std::string flow_text(const base::Flow& flow);
std::optional<base::Flow> parse_flow(std::string_view text);

}  // namespace opensips::routing
