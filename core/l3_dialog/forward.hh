#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.hh"
#include "l0_transport/resolver.hh"
#include "l1_parser/draft.hh"
#include "l1_parser/message.hh"

namespace opensips::dialog {

/// RFC 3261 16.6 step 3: Max-Forwards one less, or `initial` if there was none. The caller has seen
/// that it is not 0.
void count_hop(parser::Message& request, parser::Draft& draft, unsigned initial);

/// RFC 5393 5.3.3: the branches that may be open at once, here and further on, are dealt out among
/// these of the request. 0, or what to refuse it with: 440 for too many of them, 400.
unsigned share_breadth(parser::Message& request, std::span<parser::Draft* const> branches);

/// A target as it may stand in a start line: without headers and `method` (RFC 3261 16.6 step 2,
/// 19.1.1). The text itself if there is nothing to take away, or if it is no URI.
std::string_view as_request_uri(base::Arena& arena, std::string_view target);
std::string_view as_request_uri(base::Arena& arena, const parser::Uri& target);

/// RFC 3261 16.6 step 6: a next hop without `lr` takes the Request-URI's place, which becomes the
/// last Route.
void reformat_for_strict_router(parser::Message& request, parser::Draft& draft,
                                std::string_view request_uri, std::string_view next_hop);

/// Where a URI sends to, and from which of our sockets; for a host name, the search for it. Logs
/// why not, once per ten seconds and reason.
base::Result<transport::NextHop> find_target(const parser::Message& request, std::string_view uri,
                                             transport::Resolver& resolver, std::uint16_t socket);
base::Result<transport::NextHop> find_target(const parser::Message& request, const parser::Uri& uri,
                                             transport::Resolver& resolver, std::uint16_t socket);

/// The flow over a connection of that socket; once it is gone, to the URI's address if that has
/// one.
base::Result<transport::NextHop> connected_target(std::string_view uri,
                                                  const transport::Sockets& sockets,
                                                  std::uint16_t socket,
                                                  base::ConnectionId connection);

/// The flow of a registration of that contact. Once its connection is gone the contact may still be
/// reached: at the address that it gave. Error: unreachable if none of our sockets leads there.
base::Result<transport::NextHop> registered_target(std::string_view uri, const base::Flow& flow,
                                                   const transport::Sockets& sockets);

/// The URI of the first value of a path (RFC 3327); empty if it is no list of such.
std::string_view first_hop(std::string_view path);
/// Puts a path before the Routes that the request has.
void add_path(parser::Message& request, parser::Draft& draft, std::string_view path);

/// The next hop by UDP to an address that a NAT gave to who is behind it. Errors: unreachable if
/// `socket` is none; malformed if it is none of UDP or of the address's family.
base::Result<transport::NextHop> addressed_target(const transport::Sockets& sockets,
                                                  std::uint16_t socket,
                                                  const base::Address& address);

}  // namespace opensips::dialog
