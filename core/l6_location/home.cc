#include "l6_location/home.hh"

#include <algorithm>
#include <array>
#include <tuple>

#include <fmt/format.h>

#include "l1_parser/name_addr.hh"
#include "l1_parser/uri.hh"
#include "l3_dialog/flow_token.hh"

namespace opensips::location {
namespace {

/// What servers speak to each other, the one that needs least on top: none of them WebSocket.
constexpr std::array kBetweenServers = {base::Transport::udp, base::Transport::tcp,
                                        base::Transport::tls};

/// Nobody on another machine sends to it, if it goes by its address.
bool is_for_this_machine_alone(const transport::Socket& socket) {
  const auto bytes = socket.address.host_bytes();
  const bool is_loopback = socket.address.is_v6()
                               ? socket.address.same_host(*base::Address::parse("::1", 0))
                               : bytes.starts_with('\x7f');
  return is_loopback && socket.host == socket.address.host();
}

/// A host that is an address and the one that the REGISTER came from. Else there may be a NAT,
/// which lets nobody in but us.
bool is_at_its_address(const Binding& binding) {
  const auto uri = parser::Uri::parse(binding.contact());
  const auto host = uri ? base::Address::parse(uri->host, 0) : std::nullopt;
  return !binding.received().no_connect && host && host->same_host(binding.received().peer);
}

}  // namespace

std::string Homes::home_of(const Binding& binding) const {
  const auto& flow = binding.received();
  if (!flow.peer || !binding.path().empty()) return {};
  if (!flow.connection && (base::is_reliable(flow.transport) || is_at_its_address(binding))) {
    return {};
  }
  const auto* const socket = socket_of(flow);
  if (!socket) return {};
  const bool by_udp = socket->transport == base::Transport::udp;
  const dialog::FlowToken token{
      flow.connection ? dialog::Way(flow.connection) : dialog::Way(flow.peer), flow.socket};
  return fmt::format("<sip:{}{}{};lr;{}>", socket->sent_by,
                     by_udp ? "" : ";transport=", by_udp ? "" : base::name_of(socket->transport),
                     dialog::write_flow_token(mac_key_, epoch_, token));
}

/// Where other servers send to: the socket that a NAT lets in. For a connection, whose client does
/// not care, the one that most of them can send to, of the client's address family if there is one.
const transport::Socket* Homes::socket_of(const base::Flow& flow) const {
  if (!flow.connection) {
    return flow.socket < sockets_.size() ? &sockets_.at(flow.socket) : nullptr;
  }
  const auto rank = [&](const transport::Socket& socket) {
    return std::tuple(is_for_this_machine_alone(socket),
                      socket.address.is_v6() != flow.peer.is_v6(),
                      std::ranges::find(kBetweenServers, socket.transport));
  };
  const transport::Socket* best = nullptr;
  for (std::uint16_t place = 0; place < sockets_.size(); ++place) {
    const auto& socket = sockets_.at(place);
    const bool fits = sockets_.is_open(place) &&
                      std::ranges::find(kBetweenServers, socket.transport) != kBetweenServers.end();
    if (fits && (!best || rank(socket) < rank(*best))) best = &socket;
  }
  return best;
}

/// Aliases and domains do not count: all servers may have the same ones.
bool Homes::is_here(std::string_view home) const {
  const auto route = parser::NameAddr::parse(home);
  const auto uri = route ? route->uri() : base::Failure(base::Error::malformed);
  if (!uri || !uri->is_sip()) return false;
  const auto transport = transport::transport_of(uri->param("transport").value_or(""));
  const auto place = sockets_.find(uri->host, uri->port, transport);
  return place && sockets_.at(*place).transport == transport;
}

}  // namespace opensips::location
