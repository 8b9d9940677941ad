#include "lp_routing/functions/flow_text.hh"

#include <charconv>

#include <fmt/format.h>

namespace opensips::routing {

std::optional<base::Transport> transport_of(std::string_view name) {
  using enum base::Transport;
  for (const auto transport : {udp, tcp, tls, sctp, ws, wss}) {
    if (name == base::name_of(transport)) return transport;
  }
  return std::nullopt;
}

std::string flow_text(const base::Flow& flow) {
  auto text =
      fmt::format("{}:{}/{}", base::name_of(flow.transport), flow.peer.to_string(), flow.socket);
  if (flow.connection) text += fmt::format("/{:x}", flow.connection.bits);
  return text;
}

std::optional<base::Flow> parse_flow(std::string_view text) {
  const auto colon = text.find(':');
  const auto slash = text.find('/');
  if (colon == std::string_view::npos || slash == std::string_view::npos || slash < colon) {
    return std::nullopt;
  }
  const auto transport = transport_of(text.substr(0, colon));
  const auto peer = base::Address::parse_host_port(text.substr(colon + 1, slash - colon - 1), 0);
  const char* const end = text.data() + text.size();
  std::uint16_t socket = 0;
  std::uint64_t connection = 0;
  auto read = std::from_chars(text.data() + slash + 1, end, socket);
  if (read.ec == std::errc() && read.ptr != end && *read.ptr == '/') {
    read = std::from_chars(read.ptr + 1, end, connection, 16);
  }
  if (!transport || !peer || peer->port() == 0 || read.ec != std::errc() || read.ptr != end) {
    return std::nullopt;
  }
  return base::Flow{*peer, socket, *transport, false, base::ConnectionId(connection)};
}

}  // namespace opensips::routing
