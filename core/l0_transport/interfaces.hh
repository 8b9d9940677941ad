#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/address.hh"

namespace opensips::transport {

struct InterfaceAddress {
  std::string interface;
  base::Address address;  ///< its port is 0
};

/// The addresses of this machine's interfaces that are up, but for IPv6's link-local ones, whose
/// peers no URI can name. Nothing if the system does not tell.
std::optional<std::vector<InterfaceAddress>> interface_addresses();

/// Those that a wildcard stands for, with its port: each gets a socket of its own, so that replies
/// leave from where the request came in, and a Via can name it.
std::vector<base::Address> expand_wildcard(const std::vector<InterfaceAddress>& all,
                                           const base::Address& wildcard);
/// Those that the interface has, with that port.
std::vector<base::Address> expand_interface(const std::vector<InterfaceAddress>& all,
                                            const std::string& interface, std::uint16_t port);

}  // namespace opensips::transport
