#pragma once

#include <cstdint>

#include "base/flow.hh"
#include "l0_transport/connections.hh"
#include "l6_location/registrar.hh"

namespace opensips::location {

/// A registered phone is called over the connection that it registered by: that is kept for as long
/// as the contacts that came by it. Does nothing after a refusal, or by UDP. On the worker of
/// `connections`.
void keep_connection(transport::Connections& connections, const base::Flow& source,
                     const Registrar::Outcome& outcome, std::uint64_t now_ms);

}  // namespace opensips::location
