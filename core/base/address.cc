#include "base/address.hh"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>

namespace opensips::base {

Address::Address(const sockaddr* from) {
  std::memset(&storage_, 0, sizeof storage_);
  if (from->sa_family == AF_INET) {
    std::memcpy(&storage_.v4, from, sizeof storage_.v4);
  } else if (from->sa_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, from, sizeof v6);
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
      storage_.v4.sin_family = AF_INET;
      storage_.v4.sin_port = v6.sin6_port;
      std::memcpy(&storage_.v4.sin_addr, &v6.sin6_addr.s6_addr[12], 4);
    } else {
      storage_.v6 = v6;
    }
  } else {
    storage_.sa.sa_family = AF_UNSPEC;
  }
}

std::optional<Address> Address::parse(std::string_view host, std::uint16_t port) {
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  char text[INET6_ADDRSTRLEN];
  if (host.empty() || host.size() >= sizeof text) return std::nullopt;
  if (host.find('\0') != std::string_view::npos) return std::nullopt;  // inet_pton would stop there
  std::memcpy(text, host.data(), host.size());
  text[host.size()] = '\0';

  sockaddr_in v4{};
  if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    return Address(reinterpret_cast<const sockaddr*>(&v4));
  }
  sockaddr_in6 v6{};
  if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    return Address(reinterpret_cast<const sockaddr*>(&v6));
  }
  return std::nullopt;
}

std::optional<Address> Address::parse_host_port(std::string_view text, std::uint16_t default_port) {
  const auto bracket = text.rfind(']');
  const auto colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon == std::string_view::npos) return parse(text, default_port);
  const auto digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, port);
  if (error != std::errc() || stop != end) return std::nullopt;
  return parse(text.substr(0, colon), port);
}

bool Address::is_wildcard() const {
  if (is_v6()) return IN6_IS_ADDR_UNSPECIFIED(&storage_.v6.sin6_addr);
  return storage_.sa.sa_family == AF_INET && storage_.v4.sin_addr.s_addr == INADDR_ANY;
}

std::uint16_t Address::port() const {
  return ntohs(is_v6() ? storage_.v6.sin6_port : storage_.v4.sin_port);
}

void Address::set_port(std::uint16_t port) {
  (is_v6() ? storage_.v6.sin6_port : storage_.v4.sin_port) = htons(port);
}

bool Address::same_host(const Address& other) const {
  if (storage_.sa.sa_family != other.storage_.sa.sa_family) return false;
  if (is_v6()) {
    return IN6_ARE_ADDR_EQUAL(&storage_.v6.sin6_addr, &other.storage_.v6.sin6_addr) &&
           storage_.v6.sin6_scope_id == other.storage_.v6.sin6_scope_id;
  }
  return storage_.sa.sa_family == AF_INET &&
         storage_.v4.sin_addr.s_addr == other.storage_.v4.sin_addr.s_addr;
}

std::string_view Address::host_bytes() const {
  if (!*this) return {};
  if (is_v6()) return {reinterpret_cast<const char*>(&storage_.v6.sin6_addr), sizeof(in6_addr)};
  return {reinterpret_cast<const char*>(&storage_.v4.sin_addr), sizeof(in_addr)};
}

std::string_view Address::print_bare_host(char* to) const {
  if (!*this) return {};
  const void* from = is_v6() ? static_cast<const void*>(&storage_.v6.sin6_addr)
                             : static_cast<const void*>(&storage_.v4.sin_addr);
  inet_ntop(storage_.sa.sa_family, from, to, INET6_ADDRSTRLEN);
  return to;
}

std::string Address::bare_host() const {
  char text[INET6_ADDRSTRLEN];
  return std::string(print_bare_host(text));
}

std::string Address::host() const {
  return is_v6() ? "[" + bare_host() + "]" : bare_host();
}

std::string Address::to_string() const {
  return host() + ":" + std::to_string(port());
}

}  // namespace opensips::base
