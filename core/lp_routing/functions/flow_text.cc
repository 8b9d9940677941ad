#include "lp_routing/functions/flow_text.hh"

#include <charconv>

#include <fmt/format.h>

namespace opensips::routing {

std::optional<base::Transport> transport_of(std::string_view name) {
  using enum base::Transport;
  for (const auto transport : {udp, tcp, tls, sctp, ws, wss}) {
    if (name == transport_name(transport)) return transport;
  }
  return std::nullopt;
}

std::string flow_text(const base::Flow& flow) {
  return fmt::format("{}:{}/{}", transport_name(flow.transport), flow.peer.to_string(),
                     flow.socket);
}

std::optional<base::Flow> parse_flow(std::string_view text) {
  const auto colon = text.find(':');
  const auto slash = text.rfind('/');
  if (colon == std::string_view::npos || slash == std::string_view::npos || slash < colon) {
    return std::nullopt;
  }
  const auto transport = transport_of(text.substr(0, colon));
  const auto peer = base::Address::parse_host_port(text.substr(colon + 1, slash - colon - 1), 0);
  const char* const end = text.data() + text.size();
  std::uint16_t socket = 0;
  const auto [rest, error] = std::from_chars(text.data() + slash + 1, end, socket);
  if (!transport || !peer || peer->port() == 0 || error != std::errc() || rest != end) {
    return std::nullopt;
  }
  return base::Flow{*peer, socket, *transport};
}

}  // namespace opensips::routing
