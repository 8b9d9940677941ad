#pragma once

#include <expected>

#include "config/tls.hh"
#include "l0_transport/tls/domains.hh"
#include "l0_transport/tls/handles.hh"
#include "l0_transport/tls/tickets.hh"

namespace opensips::transport::tls {

/// A domain's context: its files are read, and everything that the settings say is set. Blocks.
std::expected<ContextPtr, Problem> make_context(const config::TlsDomain& domain, TicketKeys& keys);

}  // namespace opensips::transport::tls
