#pragma once

#include <cstdint>
#include <string_view>

#include "base/address.hh"

namespace opensips::base {

enum class Transport : std::uint8_t { udp, tcp, tls, sctp, ws, wss };

/// "UDP", as a Via has it.
constexpr std::string_view via_name(Transport transport) {
  constexpr std::string_view names[] = {"UDP", "TCP", "TLS", "SCTP", "WS", "WSS"};
  return names[static_cast<unsigned>(transport)];
}

/// Over a reliable transport nothing is retransmitted (RFC 3261 17).
constexpr bool is_reliable(Transport transport) {
  return transport != Transport::udp;
}

/// Where bytes came from, and so where an answer goes: the peer and the socket of ours, by its
/// place in the list of sockets, which is the same on every worker.
struct Flow {
  static constexpr std::uint16_t kAnySocket = 0xffff;

  Address peer;
  std::uint16_t socket = kAnySocket;
  Transport transport = Transport::udp;
};

}  // namespace opensips::base
