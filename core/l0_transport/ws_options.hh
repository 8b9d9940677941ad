#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace opensips::transport {

/// What the operator says about WebSocket; times in milliseconds.
struct WsOptions {
  std::size_t max_message = 65535;        ///< bytes; a longer one ends the connection
  std::uint32_t handshake_time = 10'000;  ///< from the connection to the whole of the request
  std::uint32_t message_time = 30'000;    ///< for the whole of a message, once it has begun
  std::uint32_t ping_interval = 60'000;   ///< quiet time before a ping, and for its pong; 0: none
  bool require_origin = true;             ///< a request without Origin is refused
  std::vector<std::string> origins;       ///< those that are let in; empty: all
  std::string resource;                   ///< the path that clients ask for; empty: any
};

}  // namespace opensips::transport
