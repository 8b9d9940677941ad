#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.hh"
#include "l0_transport/resolver.hh"
#include "l1_parser/uri.hh"

namespace opensips::transaction {

/// Where a SIP URI sends to (RFC 3263), from `socket` if that can reach it. Error::malformed if it
/// is none; else as Resolver::find() has it.
base::Result<transport::NextHop> find_next_hop(const parser::Uri& uri,
                                               transport::Resolver& resolver, std::uint16_t socket);
base::Result<transport::NextHop> find_next_hop(std::string_view uri, transport::Resolver& resolver,
                                               std::uint16_t socket);

}  // namespace opensips::transaction
