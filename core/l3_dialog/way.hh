#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/flow.hh"

namespace opensips::dialog {

/// How to reach a client other than by what it says of itself: the connection that it has with us,
/// or the address by UDP that a NAT gives it.
struct Way {
  Way() = default;
  Way(base::ConnectionId over) : connection(over) {}
  explicit Way(const base::Address& at) : address(at) {}
  explicit operator bool() const { return connection || address; }

  base::ConnectionId connection;
  base::Address address;
};

/// At most: the digits of a connection, or 'u', an IPv6 address and a port.
inline constexpr std::size_t kMostWay = 1 + 32 + 4;

/// A way as letters and digits, in `to`, which has kMostWay bytes; empty if it is none.
std::string_view write_way(const Way& way, char* to);

/// The way of digits that write_way() wrote, which a MAC has shown. A connection is one only in the
/// process that wrote it; an address outlives the process.
Way read_way(std::string_view digits, bool written_by_this_process);

}  // namespace opensips::dialog
