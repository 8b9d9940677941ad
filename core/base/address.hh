#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace opensips::base {

/// An IPv4 or IPv6 address with a port, as the kernel takes it. A v4-mapped IPv6 address is turned
/// into the IPv4 one it stands for, so that equal means equal.
class Address {
 public:
  Address() { storage_.sa.sa_family = AF_UNSPEC; }
  explicit Address(const sockaddr* from);

  /// An IP literal; IPv6 with or without brackets. No names: nothing is looked up.
  static std::optional<Address> parse(std::string_view host, std::uint16_t port);
  /// "127.0.0.1:5060", "[::1]:5060"; without a port `default_port`.
  static std::optional<Address> parse_host_port(std::string_view text, std::uint16_t default_port);

  const sockaddr* raw() const { return &storage_.sa; }
  socklen_t raw_size() const { return is_v6() ? sizeof(sockaddr_in6) : sizeof(sockaddr_in); }

  explicit operator bool() const { return storage_.sa.sa_family != AF_UNSPEC; }
  bool is_v6() const { return storage_.sa.sa_family == AF_INET6; }
  bool is_wildcard() const;
  std::uint16_t port() const;
  void set_port(std::uint16_t port);
  bool same_host(const Address& other) const;
  /// Whether a host, as it stands in a URI or a Via, is this one; nothing if it is a name.
  std::optional<bool> is_host(std::string_view host) const;

  /// The bytes of the host, as the network has them: to compute a hash of.
  std::string_view host_bytes() const;

  /// The host as it stands in a URI or a Via: IPv6 in brackets.
  std::string host() const;
  /// The host without brackets, as a `received` parameter has it.
  std::string bare_host() const;
  /// host:port
  std::string to_string() const;

  /// Writes bare_host() without allocating; `to` needs INET6_ADDRSTRLEN bytes.
  std::string_view print_bare_host(char* to) const;

  friend bool operator==(const Address& a, const Address& b) {
    return a.same_host(b) && a.port() == b.port();
  }

 private:
  union {
    sockaddr sa;
    sockaddr_in v4;
    sockaddr_in6 v6;
  } storage_;
};

}  // namespace opensips::base
