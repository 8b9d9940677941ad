#pragma once

#include "base/flow.hh"
#include "loop/walk.hh"

namespace opensips::transport {

/// The kernel refused to send the bytes of a client transaction: it need not wait for an answer.
struct SendFailed {
  loop::ClientId client;
  base::Flow to;
  int error;  ///< errno; ENOTCONN: `to` has nothing but its connection, which is gone
};

}  // namespace opensips::transport
