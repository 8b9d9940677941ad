#include "l0_transport/resolver.hh"

namespace opensips::transport {

base::Result<base::Flow> resolve(const Destination& destination, const Sockets& sockets,
                                 std::uint16_t preferred_socket) {
  const auto transport = transport_of(destination.transport, destination.secure);
  if (!transport) return base::Failure(base::Error::unsupported);

  const auto port = destination.port ? destination.port : base::default_port(*transport);
  const auto address = base::Address::parse(destination.host, port);
  if (!address) return base::Failure(base::Error::unsupported);
  const auto socket = sockets.choose(*transport, *address, preferred_socket);
  if (!socket) return base::Failure(base::Error::unreachable);
  return base::Flow{*address, *socket, *transport};
}

}  // namespace opensips::transport
