#include "l0_transport/resolver.hh"

#include "base/siphash.hh"

namespace opensips::transport {

base::Result<base::Transport> named_transport(const Destination& destination) {
  if (destination.transport.empty() && !destination.secure) {
    return base::Failure(base::Error::missing);
  }
  const auto transport = transport_of(destination.transport, destination.secure);
  if (!transport) return base::Failure(base::Error::unsupported);
  return *transport;
}

base::Result<base::Flow> resolve(const Destination& destination, const Sockets& sockets,
                                 std::uint16_t preferred_socket) {
  auto transport = named_transport(destination);
  if (!transport && transport.error() == base::Error::missing) transport = base::Transport::udp;
  if (!transport) return base::Failure(transport.error());
  const auto port = destination.port ? destination.port : base::default_port(*transport);
  const auto address = base::Address::parse(destination.host, port);
  if (!address) return base::Failure(base::Error::unsupported);
  const auto socket = sockets.choose(*transport, *address, preferred_socket);
  if (!socket) return base::Failure(base::Error::unreachable);
  return base::Flow{*address, *socket, *transport};
}

Resolver::Resolver(loop::Context& context, const Sockets& sockets, const Hosts& hosts,
                   FailedTargets& failed, NameServers* names, const ResolverOptions& options)
    : context_(context),
      sockets_(sockets),
      hosts_(hosts),
      failed_(failed),
      options_(options),
      cache_(context, names, options.cache),
      random_(static_cast<std::mt19937::result_type>(base::SipKey::random().k0)) {}

base::Result<NextHop> Resolver::find(const Destination& destination,
                                     std::uint16_t preferred_socket) {
  const auto flow = resolve(destination, sockets_, preferred_socket);
  if (flow) return NextHop{*flow, nullptr};
  const auto transport = named_transport(destination);
  const bool spoken = transport || transport.error() == base::Error::missing;
  const bool is_name = is_host_name(destination.host) && !base::Address::parse(destination.host, 0);
  if (!spoken || !is_name) return base::Failure(flow.error());
  return NextHop{{}, std::make_unique<Search>(*this, destination, preferred_socket)};
}

}  // namespace opensips::transport
