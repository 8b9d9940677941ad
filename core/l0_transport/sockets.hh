#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hh"
#include "base/flow.hh"

namespace opensips::transport {

/// The transport of a `transport` parameter, in any spelling; empty: UDP (RFC 3263 4.1). `secure`:
/// of a sips URI, which wants TLS on every hop (RFC 3261 26.2.2): empty is TLS, and so is tcp; none
/// for what TLS does not run over.
std::optional<base::Transport> transport_of(std::string_view parameter, bool secure = false);

/// One address that the server listens on.
struct Socket {
  base::Transport transport = base::Transport::udp;
  base::Address address;
  std::string host;  ///< as written into Via and Record-Route: the advertised host, or the address
  std::uint16_t port = 0;  ///< likewise
  std::string sent_by;     ///< host:port
};

/// The sockets of the server and the names it answers to, fixed at start: the same list on every
/// worker, so that a socket's place in it names the socket. Reading needs no lock.
class Sockets {
 public:
  /// An empty `host` means the address itself.
  void add(base::Transport transport, const base::Address& address, std::string host,
           std::uint16_t port);
  /// A name the server is for, with any port if `port` is 0.
  void add_alias(std::string host, std::uint16_t port);

  const std::vector<Socket>& all() const { return all_; }
  const Socket& at(std::uint16_t index) const { return all_[index]; }

  /// The host of a URI is one of ours, whatever the port. Case folds.
  bool is_local_host(std::string_view host) const;
  /// host and port (0: the default one) are an address we listen on or an alias.
  bool is_local(std::string_view host, std::uint16_t port) const;

  /// The socket to send from: `preferred` if it can reach the peer, else one of the same transport
  /// and address family, on the preferred one's host if there is one. Nothing if there is none.
  std::optional<std::uint16_t> choose(base::Transport transport, const base::Address& peer,
                                      std::uint16_t preferred) const;
  /// The socket with that transport and address, as an operator names it.
  std::optional<std::uint16_t> find(base::Transport transport, const base::Address& address) const;
  /// The socket that a URI with this host, port and transport means, as in our own Record-Route.
  /// One of another transport if there is none of that.
  std::optional<std::uint16_t> find(std::string_view host, std::uint16_t port,
                                    std::optional<base::Transport> transport) const;

 private:
  struct Alias {
    std::string host;
    std::uint16_t port;
  };
  std::vector<Socket> all_;
  std::vector<Alias> aliases_;
};

}  // namespace opensips::transport
