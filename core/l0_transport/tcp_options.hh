#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "l0_transport/sctp_options.hh"
#include "l0_transport/ws_options.hh"

namespace opensips::transport {

/// What the operator says about connections; times in milliseconds.
struct TcpOptions {
  std::size_t max_message = 65535;   ///< bytes; more is refused and the connection closed
  std::size_t send_queue = 1 << 20;  ///< bytes that may wait for a peer that does not read
  std::uint32_t connect_timeout = 3000;
  std::uint32_t handshake_timeout = 10'000;  ///< of TLS
  std::uint32_t lifetime = 120'000;          ///< without a byte either way
  std::uint32_t message_time = 30'000;       ///< for the whole of a message, once it has begun
  std::uint32_t send_timeout = 10'000;       ///< for a peer that does not read
  std::uint32_t connections = 65'536;        ///< all together
  std::uint32_t per_source = 0;              ///< accepted from one address; 0: no limit
  bool answer_pings = true;                  ///< CRLF to CRLF CRLF (RFC 5626 3.5.1)
  std::uint32_t ping_interval = 0;           ///< quiet time before we send one; 0: none are sent
  std::uint32_t pong_timeout = 10'000;       ///< for the answer (RFC 5626 4.4.1)
  /// The port of the sent-by of a request whose Via has `alias` (RFC 5923), or 0; none: such Vias
  /// change nothing.
  std::uint16_t (*alias_port_of)(std::string_view message) = nullptr;
  int backlog = 1024;
  int tos = 0;  ///< of the IP packets; 0: the system's
  // The kernel's keepalives: whether, and seconds (0: the system's).
  bool keepalive = true;
  int keepalive_idle = 0;
  int keepalive_interval = 0;
  int keepalive_count = 0;
  SctpOptions sctp;  ///< what only SCTP has
  WsOptions ws;
};

}  // namespace opensips::transport
