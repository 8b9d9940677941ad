#pragma once

#include <string_view>

#include "base/flow.hh"
#include "loop/walk.hh"

namespace opensips::transport {

/// The bytes of a client transaction cannot be sent, or cannot arrive (ICMP): it need not wait for
/// an answer.
struct SendFailed {
  loop::ClientId client;
  base::Flow to;
  int error;  ///< errno; ENOTCONN: `to` has nothing but its connection, which is gone
};

/// An ICMP message says that nobody will get a datagram of ours (RFC 3261 18.4). On the worker that
/// owns its Call-ID. Anybody may have forged it: who believes it compares the bytes.
struct Bounced {
  base::Address to;
  int error;               ///< errno
  std::string_view bytes;  ///< the beginning of the datagram; as long as the event
};

}  // namespace opensips::transport
