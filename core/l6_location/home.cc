#include "l6_location/home.hh"

#include <fmt/format.h>

#include "l1_parser/name_addr.hh"
#include "l1_parser/uri.hh"
#include "l3_dialog/flow_token.hh"

namespace opensips::location {
namespace {

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

/// Where other servers send to: the socket that a NAT lets in, else the first that any server can
/// send to, since no server speaks WebSocket to another.
const transport::Socket* Homes::socket_of(const base::Flow& flow) const {
  if (!flow.connection) {
    return flow.socket < sockets_.size() ? &sockets_.at(flow.socket) : nullptr;
  }
  for (const auto transport : {base::Transport::udp, base::Transport::tcp, base::Transport::tls}) {
    for (std::uint16_t place = 0; place < sockets_.size(); ++place) {
      if (sockets_.is_open(place) && sockets_.at(place).transport == transport) {
        return &sockets_.at(place);
      }
    }
  }
  return nullptr;
}

bool Homes::is_here(std::string_view home) const {
  const auto route = parser::NameAddr::parse(home);
  const auto uri = route ? route->uri() : base::Failure(base::Error::malformed);
  return uri && uri->is_sip() && sockets_.is_local(uri->host, uri->port);
}

}  // namespace opensips::location
