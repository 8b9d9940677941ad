#pragma once

#include <string>

#include "l0_transport/channel.hh"
#include "l0_transport/tls/handles.hh"

namespace opensips::transport::tls {

struct Failure {
  HandshakeError why = HandshakeError::none;
  std::string text;
};

/// Why the handshake of a session failed, from what OpenSSL has left in this thread's error queue,
/// which is empty afterwards.
Failure failure_of(const SSL* session);

/// The first of this thread's error queue as text, which is empty afterwards: "no start line".
std::string take_error();

}  // namespace opensips::transport::tls
