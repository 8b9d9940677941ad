#pragma once

#include <optional>
#include <string_view>

#include "base/address.hh"
#include "l0_transport/file_descriptor.hh"

namespace opensips::transport {

/// What ICMP said of a datagram that was sent.
struct UdpError {
  base::Address peer;      ///< where it was sent to
  std::string_view bytes;  ///< its beginning; until the next call on this thread
  int code;                ///< errno
  bool is_unreachable;     ///< it cannot arrive; else it is nothing to act upon (RFC 3261 18.4)
};

/// Takes the oldest one from the socket's queue; nothing when that is empty.
std::optional<UdpError> read_udp_error(const FileDescriptor& fd);

}  // namespace opensips::transport
