#pragma once

#include <string_view>

#include "base/address.hh"
#include "l1_parser/message.hh"

namespace opensips::nat {

/// An address that only its own network knows: of RFC 1918, of RFC 6598 (a carrier's NAT),
/// link-local, or a unique local one of IPv6.
bool is_private(const base::Address& address);

/// The host is an address, and another one than the request came from. A name is no sign of
/// anything.
bool is_elsewhere(const parser::Message& request, std::string_view host);

/// The neighbour that sent a request by UDP is behind a NAT: its Via names another host than the
/// datagram came from, or, if nobody else has passed it on, its Contact a private one. Names are no
/// sign of anything.
bool is_behind_nat(const parser::Message& request);
/// The same, for who has read the Contact: its host, empty if there is none.
bool is_behind_nat(const parser::Message& request, std::string_view contact_host);

}  // namespace opensips::nat
