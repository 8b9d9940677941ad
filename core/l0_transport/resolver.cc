#include "l0_transport/resolver.hh"

#include <strings.h>

namespace opensips::transport {

namespace {

constexpr std::uint16_t kDefaultPort = 5060;

}  // namespace

base::Result<base::Flow> resolve(const Destination& destination, const Sockets& sockets,
                                 std::uint16_t preferred_socket) {
  const auto& wanted = destination.transport;
  const bool udp =
      wanted.empty() || (wanted.size() == 3 && strncasecmp(wanted.data(), "udp", 3) == 0);
  if (!udp) return base::Failure(base::Error::unsupported);

  const auto port = destination.port ? destination.port : kDefaultPort;
  const auto address = base::Address::parse(destination.host, port);
  if (!address) return base::Failure(base::Error::unsupported);
  const auto socket = sockets.choose(base::Transport::udp, *address, preferred_socket);
  if (!socket) return base::Failure(base::Error::unreachable);
  return base::Flow{*address, *socket, base::Transport::udp};
}

}  // namespace opensips::transport
