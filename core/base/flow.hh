#pragma once

#include <cstdint>
#include <string_view>

#include "base/address.hh"
#include "base/id.hh"

namespace opensips::base {

enum class Transport : std::uint8_t { udp, tcp, tls, sctp, ws, wss };

inline constexpr unsigned kTransports = 6;

/// "UDP", as a Via has it.
constexpr std::string_view via_name(Transport transport) {
  constexpr std::string_view names[] = {"UDP", "TCP", "TLS", "SCTP", "WS", "WSS"};
  return names[static_cast<unsigned>(transport)];
}

/// "udp", as a URI and the configuration have it.
constexpr std::string_view name_of(Transport transport) {
  constexpr std::string_view names[] = {"udp", "tcp", "tls", "sctp", "ws", "wss"};
  return names[static_cast<unsigned>(transport)];
}

/// The port of a URI that names none (RFC 3261 19.1.2, RFC 7118 5.3 as RFC 6455 3 has it).
constexpr std::uint16_t default_port(Transport transport) {
  constexpr std::uint16_t ports[] = {5060, 5060, 5061, 5060, 80, 443};
  return ports[static_cast<unsigned>(transport)];
}

/// What passes is for the two ends alone: TLS, by itself or under something else.
constexpr bool is_secure(Transport transport) {
  return transport == Transport::tls || transport == Transport::wss;
}

/// Its peers are browsers: they connect to us, nobody to them (RFC 7118).
constexpr bool is_websocket(Transport transport) {
  return transport == Transport::ws || transport == Transport::wss;
}

/// Over a reliable transport nothing is retransmitted (RFC 3261 17).
constexpr bool is_reliable(Transport transport) {
  return transport != Transport::udp;
}

/// The transport carries bytes, and the message says where it ends (RFC 3261 18.3).
constexpr bool is_stream(Transport transport) {
  return transport == Transport::tcp || transport == Transport::tls;
}

/// Names one connection; its worker is the one that has it.
using ConnectionId = Id<struct ConnectionTag>;

/// Where bytes came from, and so where an answer goes: the peer and the socket of ours, by its
/// place in the list of sockets, which is the same on every worker. Over a connection it is that
/// connection as long as it lives, after that (or if none is named) one to `peer`, which is opened
/// if there is none and it may be. There is no other to a browser, nor where `peer` is not set.
struct Flow {
  static constexpr std::uint16_t kAnySocket = 0xffff;

  Address peer;
  std::uint16_t socket = kAnySocket;
  Transport transport = Transport::udp;
  bool no_connect = false;  ///< no connection is opened for it: the peer is behind NAT
  ConnectionId connection = {};
  /// By TLS to a host that was given by its name: that name, by its number (PeerNames), which the
  /// peer's certificate has to have; 0: the address is all that is known.
  std::uint32_t peer_name = 0;

  /// A connection to the peer may be opened. False: there is only the one that is, or none.
  [[nodiscard]] bool may_connect() const { return !no_connect && !is_websocket(transport) && peer; }
};

}  // namespace opensips::base
