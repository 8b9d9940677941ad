#include "l0_transport/resolver.hh"

namespace opensips::transport {

namespace {

constexpr std::uint16_t kDefaultPort = 5060;

}  // namespace

base::Result<base::Flow> resolve(const Destination& destination, const Sockets& sockets,
                                 std::uint16_t preferred_socket) {
  const auto transport = transport_of(destination.transport);
  const bool spoken = transport == base::Transport::udp || transport == base::Transport::tcp;
  if (!spoken) return base::Failure(base::Error::unsupported);

  const auto port = destination.port ? destination.port : kDefaultPort;
  const auto address = base::Address::parse(destination.host, port);
  if (!address) return base::Failure(base::Error::unsupported);
  const auto socket = sockets.choose(*transport, *address, preferred_socket);
  if (!socket) return base::Failure(base::Error::unreachable);
  return base::Flow{*address, *socket, *transport};
}

}  // namespace opensips::transport
