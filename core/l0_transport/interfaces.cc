#include "l0_transport/interfaces.hh"

#include <ifaddrs.h>
#include <net/if.h>

#include <algorithm>
#include <memory>

namespace opensips::transport {

namespace {

bool is_link_local(const sockaddr* address) {
  if (address->sa_family != AF_INET6) return false;
  return IN6_IS_ADDR_LINKLOCAL(&reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr);
}

bool is_ip(const sockaddr* address) {
  return address && (address->sa_family == AF_INET || address->sa_family == AF_INET6);
}

/// Each once, with that port: those of the entries that `fits`.
template <class Fits>
std::vector<base::Address> select(const std::vector<InterfaceAddress>& all, std::uint16_t port,
                                  Fits fits) {
  std::vector<base::Address> found;
  for (const auto& one : all) {
    if (!fits(one)) continue;
    auto address = one.address;
    address.set_port(port);
    if (std::ranges::find(found, address) == found.end()) found.push_back(address);
  }
  return found;
}

}  // namespace

std::optional<std::vector<InterfaceAddress>> interface_addresses() {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return std::nullopt;
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner(list, freeifaddrs);
  std::vector<InterfaceAddress> found;
  for (const auto* at = list; at; at = at->ifa_next) {
    if (!is_ip(at->ifa_addr) || !(at->ifa_flags & IFF_UP) || is_link_local(at->ifa_addr)) continue;
    found.push_back({at->ifa_name, base::Address(at->ifa_addr)});
  }
  return found;
}

std::vector<base::Address> expand_wildcard(const std::vector<InterfaceAddress>& all,
                                           const base::Address& wildcard) {
  return select(all, wildcard.port(), [&](const InterfaceAddress& one) {
    return one.address.is_v6() == wildcard.is_v6();
  });
}

std::vector<base::Address> expand_interface(const std::vector<InterfaceAddress>& all,
                                            const std::string& interface, std::uint16_t port) {
  return select(all, port, [&](const InterfaceAddress& one) { return one.interface == interface; });
}

}  // namespace opensips::transport
