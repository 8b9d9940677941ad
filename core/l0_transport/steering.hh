#pragma once

#include "l0_transport/file_descriptor.hh"
#include "loop/owner.hh"

namespace opensips::transport {

/// Has the kernel put each datagram into the socket of the worker that owns its Call-ID, where it
/// can tell: then nothing has to change the thread. `group` is one of the sockets that bind_udp()
/// made, of which there is one per worker, in their order.
///
/// A classic packet filter (SO_ATTACH_REUSEPORT_CBPF, needs no privilege) looks for a line
/// `Call-ID: ` spelled so and hashes what is behind it. What it does not find (another spelling, a
/// Call-ID far behind or very long, keepalives) goes where the peer's address sends it, and takes
/// Worker::receive()'s hop. False if the kernel refuses: then that is the way for all.
bool steer_by_call_id(const FileDescriptor& group, const loop::Owners& owners);

}  // namespace opensips::transport
