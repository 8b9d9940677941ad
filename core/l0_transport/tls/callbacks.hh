#pragma once

#include "l0_transport/tls/handles.hh"

/// What a handshake asks of us, as OpenSSL calls it; sessions have a Session as their app data.
namespace opensips::transport::tls {

/// The ClientHello is there and nothing is decided: finds the domain of the name that is asked for.
int on_client_hello(SSL* session, int* alert, void*);
/// Verifies the peer's certificate, by the CAs and by its name.
int verify_peer(X509_STORE_CTX* chain, void*);

}  // namespace opensips::transport::tls
