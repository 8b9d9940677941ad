#pragma once

namespace opensips::transport {

/// Sets the TOS byte (IPv6: the traffic class) of what a socket sends; 0 leaves the system's.
void set_tos(int fd, int tos);

}  // namespace opensips::transport
