#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/address.hh"
#include "base/flow.hh"
#include "base/result.hh"
#include "base/stats.hh"
#include "base/wire.hh"
#include "l0_transport/file_descriptor.hh"
#include "loop/worker.hh"

namespace opensips::transport {

struct UdpOptions {
  int receive_buffer = 0;  ///< bytes (SO_RCVBUF); 0: as the system has it
  int send_buffer = 0;
};

/// Binds `count` sockets to one address, so that the kernel spreads the peers over them
/// (SO_REUSEPORT). A bind without that option comes first and proves that nobody else has the port:
/// with it, a second server would bind as well and silently take half of the traffic. Port 0: one
/// that the system chooses, the same for all. The error is for the operator. Control thread.
std::expected<std::vector<FileDescriptor>, std::string> bind_udp(const base::Address& address,
                                                                 unsigned count,
                                                                 const UdpOptions& options);

/// Which client transaction of this process a request belongs to, by the beginning of its bytes;
/// none if it is not one's.
using ClientOf = loop::ClientId (*)(std::string_view bytes, std::uint32_t epoch);

/// One worker's share of a UDP address: reads in batches, and sends what gathered in a turn in one
/// call.
class UdpSocket {
 public:
  /// `index`: the place in Sockets, which the flows of what is received here carry.
  /// `client_of`: whose request a returned datagram is; none, and nobody is told.
  UdpSocket(loop::Worker& worker, std::uint16_t index, FileDescriptor fd,
            ClientOf client_of = nullptr);

  /// Queues bytes until the end of the turn. `client` is told if the kernel refuses them.
  void send(const base::WireRef& wire, const base::Flow& to, loop::ClientId client);
  /// Sends what is queued.
  void flush();

 private:
  struct Outgoing {
    base::WireRef wire;
    base::Flow to;
    loop::ClientId client;
  };

  void on_readable();
  std::size_t send_batch(std::size_t first);
  bool send_one(const Outgoing& one);
  int send_many(std::size_t first, std::size_t count);
  void failed(const Outgoing& outgoing, int error);
  void read_errors();

  loop::Worker& worker_;
  std::uint16_t index_;
  FileDescriptor fd_;
  ClientOf client_of_;
  std::vector<Outgoing> queue_;
  unsigned take_ = 1;     // datagrams to ask for at once
  bool blocked_ = false;  // the kernel's buffer is full: waiting to be told that there is room
  base::Counter send_errors_;
  base::Counter dropped_;
  base::Counter unreachable_;
};

}  // namespace opensips::transport
