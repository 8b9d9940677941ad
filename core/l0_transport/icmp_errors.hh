#pragma once

#include <functional>
#include <string_view>

#include "base/address.hh"

namespace opensips::transport {

/// What an ICMP message says about a datagram that we sent.
struct IcmpError {
  base::Address to;        ///< where the datagram went
  int error = 0;           ///< errno: ECONNREFUSED, EHOSTUNREACH, …
  std::string_view bytes;  ///< its beginning, as far as the ICMP message has it
};

/// Has the kernel keep ICMP errors for the datagrams of a UDP socket, in a queue of their own.
void keep_icmp_errors(int fd, bool is_v6);

/// Takes up to `most` entries out of that queue, with it the error that the next system call on the
/// socket would have returned, and calls `visit` for those that mean that nobody will get the
/// datagram (RFC 3261 18.4). Returns how many of what it took came by ICMP: entries of the kernel's
/// own, as for a datagram that is too long, are only taken out.
unsigned read_icmp_errors(int fd, unsigned most,
                          const std::function<void(const IcmpError&)>& visit);

}  // namespace opensips::transport
