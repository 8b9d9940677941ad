#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hh"
#include "base/flow.hh"
#include "base/stable_list.hh"
#include "l0_transport/domains.hh"
#include "l0_transport/peer_names.hh"

namespace opensips::transport {

/// The transport of a `transport` parameter, in any spelling; empty: UDP (RFC 3263 4.1). `secure`:
/// of a sips URI, which wants TLS on every hop (RFC 3261 26.2.2): empty is TLS, and so is tcp; none
/// for what TLS does not run over.
std::optional<base::Transport> transport_of(std::string_view parameter, bool secure = false);

/// One address that the server listens on, or did. Fixed, but for whether it is open.
struct Socket {
  base::Transport transport = base::Transport::udp;
  base::Address address;
  std::string host;  ///< as written into Via and Record-Route: the advertised host, or the address
  std::uint16_t port = 0;  ///< likewise
  std::string sent_by;     ///< host:port
  std::atomic<bool> open = false;
};

/// The sockets of the server and the names it answers to: the same list on every worker, so that a
/// socket's place in it names the socket, in flows and in the state of dialogs. Sockets come and go
/// while it runs, but a place is never given to another address: one that is closed is marked, and
/// opened again if its address comes back. The control thread changes it, any thread reads it, and
/// needs no lock for that.
class Sockets {
 public:
  static constexpr std::size_t kMost = 4096;

  /// An open socket. An empty `host` means the address itself. Before the workers run.
  std::uint16_t add(base::Transport transport, const base::Address& address, std::string host,
                    std::uint16_t port);
  /// A place for a socket, not open yet: that of a closed one if it had this address and these
  /// names. Nothing if there have been too many.
  std::optional<std::uint16_t> prepare(base::Transport transport, const base::Address& address,
                                       std::string host, std::uint16_t port);
  /// From now on it is chosen and found. Its workers have it.
  void open(std::uint16_t place) { set_open(place, true); }
  /// From now on it is not. What its place is in still finds its names.
  void close(std::uint16_t place) { set_open(place, false); }
  /// A name the server is for, with any port if `port` is 0. Before the workers run.
  void add_alias(std::string host, std::uint16_t port);

  /// More names that the server is for, with any port. Any thread changes them, while it runs.
  Domains& domains() { return domains_; }
  const Domains& domains() const { return domains_; }

  /// Of the hosts that flows of TLS lead to.
  PeerNames& peer_names() const { return peer_names_; }
  /// How many places there are, of closed ones too.
  std::size_t size() const { return all_.size(); }
  const Socket& at(std::uint16_t place) const { return all_[place]; }
  bool is_open(std::uint16_t place) const {
    return place < size() && all_[place].open.load(std::memory_order_relaxed);
  }

  /// The host of a URI is one of ours, whatever the port. Case folds.
  bool is_local_host(std::string_view host) const;
  /// host and port (0: the default one) are an address we listen on, an alias or a domain.
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
  /// The same among those that were closed: a call that began before then still has their names.
  std::optional<std::uint16_t> find_closed(std::string_view host, std::uint16_t port,
                                           std::optional<base::Transport> transport) const;

 private:
  struct Alias {
    std::string host;
    std::uint16_t port;
  };

  void set_open(std::uint16_t place, bool open) {
    all_[place].open.store(open, std::memory_order_relaxed);
  }
  template <class Fits>
  std::optional<std::uint16_t> first_open(Fits fits) const;
  std::optional<std::uint16_t> find_named(std::string_view host, std::uint16_t port,
                                          std::optional<base::Transport> transport,
                                          bool open) const;

  base::StableList<Socket, kMost> all_;
  std::vector<Alias> aliases_;
  Domains domains_;
  mutable PeerNames peer_names_;
};

}  // namespace opensips::transport
