#include "base/address.hh"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>

namespace opensips::base {

namespace {

/// As inet_pton reads it, which has to copy the text first: four numbers, none with a zero in
/// front.
bool read_v4(std::string_view text, in_addr& to) {
  const auto value_of = [](char digit) { return static_cast<unsigned>(digit - '0'); };
  std::uint32_t host = 0;
  const char* at = text.data();
  const char* const end = at + text.size();
  for (unsigned part = 0; part < 4; ++part) {
    if (part > 0 && (at == end || *at++ != '.')) return false;
    if (at == end || value_of(*at) > 9) return false;
    unsigned number = value_of(*at++);
    if (number != 0) {
      for (; at != end && value_of(*at) <= 9; ++at) {
        number = 10 * number + value_of(*at);
        if (number > 255) return false;
      }
    }
    host = host << 8 | number;
  }
  to.s_addr = htonl(host);
  return at == end;
}

/// As inet_ntop writes it, which does so by way of printf.
std::string_view print_v4(const in_addr& from, char* to) {
  const std::uint32_t host = ntohl(from.s_addr);
  char* at = to;
  for (int shift = 24; shift >= 0; shift -= 8) {
    at = std::to_chars(at, at + 3, host >> shift & 0xff).ptr;
    if (shift > 0) *at++ = '.';
  }
  return {to, static_cast<std::size_t>(at - to)};
}

}  // namespace

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
  sockaddr_in v4{};
  if (read_v4(host, v4.sin_addr)) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    return Address(reinterpret_cast<const sockaddr*>(&v4));
  }
  char text[INET6_ADDRSTRLEN];
  if (host.size() >= sizeof text || host.find(':') == std::string_view::npos) return std::nullopt;
  if (host.find('\0') != std::string_view::npos) return std::nullopt;  // inet_pton would stop there
  std::memcpy(text, host.data(), host.size());
  text[host.size()] = '\0';
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

std::optional<bool> Address::is_host(std::string_view host) const {
  in_addr v4{};
  if (storage_.sa.sa_family == AF_INET && read_v4(host, v4)) {
    return v4.s_addr == storage_.v4.sin_addr.s_addr;
  }
  const auto address = parse(host, 0);
  if (!address) return std::nullopt;
  return same_host(*address);
}

std::string_view Address::host_bytes() const {
  if (!*this) return {};
  if (is_v6()) return {reinterpret_cast<const char*>(&storage_.v6.sin6_addr), sizeof(in6_addr)};
  return {reinterpret_cast<const char*>(&storage_.v4.sin_addr), sizeof(in_addr)};
}

std::string_view Address::print_bare_host(char* to) const {
  if (!*this) return {};
  if (!is_v6()) return print_v4(storage_.v4.sin_addr, to);
  inet_ntop(AF_INET6, &storage_.v6.sin6_addr, to, INET6_ADDRSTRLEN);
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
