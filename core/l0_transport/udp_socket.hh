#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/address.hh"
#include "base/flow.hh"
#include "base/result.hh"
#include "base/stats.hh"
#include "base/wire.hh"
#include "l0_transport/file_descriptor.hh"
#include "l0_transport/lone_peers.hh"
#include "l0_transport/send_plan.hh"
#include "l0_transport/udp_grouping.hh"
#include "loop/worker.hh"

namespace opensips::transport {

struct UdpOptions {
  int receive_buffer = 0;  ///< bytes (SO_RCVBUF); 0: as the system has it
  int send_buffer = 0;
  int receive_buffer_goal = 0;  ///< bytes it is raised to, as far as the system lets, if none are
                                ///< given; 0: not at all
  int tos = 0;                  ///< of the IP packets; 0: the system's
};

/// Binds `count` sockets to one address, so that the kernel spreads the peers over them
/// (SO_REUSEPORT). A bind without that option comes first and proves that nobody else has the port:
/// with it, a second server would bind as well and silently take half of the traffic. Port 0: one
/// that the system chooses, the same for all. The error is for the operator. Control thread.
std::expected<std::vector<FileDescriptor>, std::string> bind_udp(const base::Address& address,
                                                                 unsigned count,
                                                                 const UdpOptions& options);

/// One worker's share of a UDP address: reads in batches, and sends what gathered in a turn in one
/// call, what is for one peer in one piece.
class UdpSocket {
 public:
  /// `index`: the place in Sockets, which the flows of what is received here carry.
  /// `grouping` outlives it.
  UdpSocket(loop::Worker& worker, std::uint16_t index, FileDescriptor fd, UdpGrouping& grouping);
  UdpSocket(const UdpSocket&) = delete;
  UdpSocket& operator=(const UdpSocket&) = delete;

  /// Reads from now on.
  void start();
  /// Reads no more; what is queued still goes.
  void stop() { readable_.reset(); }
  /// Nothing is queued: after stop() it may go.
  bool idle() const { return queue_.empty(); }

  /// Queues bytes until the end of the turn. `client` is told if the kernel refuses them.
  void send(const base::WireRef& wire, const base::Flow& to, loop::ClientId client);
  /// Sends what is queued.
  void flush();
  /// Tells what waits in the kernel to be read, as far as that says.
  void tell_waiting(loop::Overload& overload) const;

 private:
  struct Outgoing {
    base::WireRef wire;
    base::Flow to;
    loop::ClientId client;
  };

  void on_readable();
  void send_some();
  std::span<const SendPlan::Group> plan(std::size_t count);
  int send(std::span<const SendPlan::Group> groups);
  bool send_one(const Outgoing& one);
  void sent(std::span<const SendPlan::Group> groups);
  bool refused(SendPlan::Group group, int error);
  bool take_errors();
  void failed(const Outgoing& outgoing, int error);

  loop::Worker& worker_;
  std::uint16_t index_;
  FileDescriptor fd_;
  UdpGrouping& grouping_;
  bool has_groups_;  // the kernel knows them
  loop::WatchPtr readable_;
  std::vector<Outgoing> queue_;  // what has no bytes has gone
  std::vector<SendPlan::Datagram> planned_;
  SendPlan plan_;
  std::size_t left_ = 0;  // of the last plan: what came later does not overtake it
  LonePeers lone_peers_;
  unsigned take_ = 1;     // datagrams to ask for at once
  bool blocked_ = false;  // the kernel's buffer is full: waiting to be told that there is room
  base::Counter send_errors_;
  base::Counter dropped_;
  base::Counter grouped_;
  base::Counter icmp_errors_;
};

}  // namespace opensips::transport
