#pragma once

#include <cstdint>

namespace opensips::transport {

/// What the operator says about SCTP; 0 is what the system has. Times in milliseconds.
struct SctpOptions {
  std::uint32_t rto_initial = 0;
  std::uint32_t rto_min = 0;
  std::uint32_t rto_max = 0;
  std::uint16_t association_retransmissions = 0;  ///< then the association is lost
  std::uint16_t path_retransmissions = 0;         ///< then an address of the peer is unreachable
  std::uint16_t init_attempts = 0;
  std::uint32_t heartbeat_interval = 0;
};

}  // namespace opensips::transport
