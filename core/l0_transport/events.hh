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
  int error;  ///< errno; ENOTCONN: nothing but a connection leads there, and it is gone
};

/// A connection is gone, or its peer will send nothing more over it: no answer comes by it any
/// more, and nobody is sent there. Published on its own worker, and on those whose client
/// transactions sent over it.
struct ConnectionClosed {
  base::Flow flow;  ///< its id, and the peer that it led to
  /// It was the one that whatever had to go to that peer went by.
  bool led_to_peer = true;
};

/// A connection stands: its handshake is done. On its own worker.
struct ConnectionOpened {
  base::Flow flow;
};

/// A connection is no more, or could not be set up. On its own worker, once.
struct ConnectionEnded {
  base::Flow flow;
  std::string_view why;  ///< as the statistics call it; a literal
};

/// The connection that the flow of a client transaction names is gone: its request has gone to the
/// flow's peer, by another.
struct Rerouted {
  loop::ClientId client;
};

/// An ICMP message says that nobody will get a datagram of ours (RFC 3261 18.4). On the worker that
/// owns its Call-ID. Anybody may have forged it: who believes it compares the bytes.
struct Bounced {
  base::Address to;
  int error;               ///< errno
  std::string_view bytes;  ///< the beginning of the datagram; as long as the event
};

}  // namespace opensips::transport
