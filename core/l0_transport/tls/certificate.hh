#pragma once

#include "l0_transport/tls/handles.hh"
#include "l0_transport/tls_peer.hh"

namespace opensips::transport::tls {

/// Reads what a certificate says into `peer`.
void read_certificate(const X509* certificate, TlsPeer& peer);

}  // namespace opensips::transport::tls
