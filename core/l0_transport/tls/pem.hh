#pragma once

#include "l0_transport/tls/handles.hh"

/// What is written in PEM, put into a context. Each returns false when the text has none of what is
/// wanted, or what is no good; why is in OpenSSL's error queue.
namespace opensips::transport::tls {

/// A certificate, and those between it and its CA behind it.
bool use_certificate_chain(SSL_CTX* context, BIO* pem);
/// Its key: one with a passphrase is no good, since nobody is there to be asked.
bool use_private_key(SSL_CTX* context, BIO* pem);
/// CAs to trust from now on, and revocation lists that stand among them. `ask`: clients are told
/// their names.
bool trust(SSL_CTX* context, BIO* pem, bool ask);
/// Parameters for ciphers with DH.
bool use_dh_params(SSL_CTX* context, BIO* pem);

}  // namespace opensips::transport::tls
