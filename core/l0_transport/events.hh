#pragma once

#include "base/flow.hh"
#include "loop/walk.hh"

namespace opensips::transport {

/// The bytes of a client transaction cannot be sent, or cannot arrive (ICMP): it need not wait for
/// an answer.
struct SendFailed {
  loop::ClientId client;
  base::Flow to;
  int error;  ///< errno
};

}  // namespace opensips::transport
