#pragma once

#include <cstdint>
#include <string_view>

#include "base/flow.hh"
#include "base/result.hh"
#include "l0_transport/sockets.hh"

namespace opensips::transport {

/// What a URI says about where to send, before it is an address.
struct Destination {
  std::string_view host;
  std::uint16_t port = 0;      ///< 0: the transport's default
  std::string_view transport;  ///< the `transport` parameter; empty: UDP
  bool secure = false;         ///< the URI is a sips one
};

/// The flow to a destination, from the preferred socket if that can reach it. Hosts are IP
/// literals: Error::unsupported for a name or a transport that we do not speak; Error::unreachable
/// if no socket has that transport and address family. The caller logs it, knowing for which
/// request.
base::Result<base::Flow> resolve(const Destination& destination, const Sockets& sockets,
                                 std::uint16_t preferred_socket);

}  // namespace opensips::transport
