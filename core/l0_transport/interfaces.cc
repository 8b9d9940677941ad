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

}  // namespace

std::vector<base::Address> expand_wildcard(const base::Address& wildcard) {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner(list, freeifaddrs);
  std::vector<base::Address> found;
  for (const auto* at = list; at; at = at->ifa_next) {
    if (!at->ifa_addr || !(at->ifa_flags & IFF_UP)) continue;
    if (at->ifa_addr->sa_family != wildcard.raw()->sa_family || is_link_local(at->ifa_addr))
      continue;
    base::Address address(at->ifa_addr);
    address.set_port(wildcard.port());
    if (std::ranges::find(found, address) == found.end()) found.push_back(address);
  }
  return found;
}

}  // namespace opensips::transport
