#pragma once

#include <array>
#include <memory>
#include <vector>

#include "base/stats.hh"
#include "l0_transport/connections.hh"
#include "l0_transport/sockets.hh"
#include "l0_transport/udp_grouping.hh"
#include "l0_transport/udp_socket.hh"
#include "loop/layer.hh"
#include "loop/worker.hh"

namespace opensips::transport {

/// L0 on one worker: its share of every socket, and its connections. Going up it takes keepalives
/// off, and answers those of STUN; going down it queues the bytes on the flow's socket or
/// connection until the end of the turn.
class TransportLayer final : public loop::Layer {
 public:
  TransportLayer(loop::Worker& worker, const Sockets& sockets, ConnectionTable& table,
                 UdpGrouping::Mode grouping, const TcpOptions& options,
                 const tls::Service* tls = nullptr);

  /// This worker's descriptor of the socket with that place in Sockets, which it can send from.
  /// Before the worker runs, or on it.
  void add(std::uint16_t place, FileDescriptor fd);
  /// From now on that socket is read. When all workers have theirs: one may answer what another has
  /// read.
  void start(std::uint16_t place);
  /// It is read no more; what is queued still goes, and connections that came by it stay.
  void close(std::uint16_t place);

  loop::Worker& worker() { return worker_; }

  loop::Verdict up(loop::Walk& walk) override;
  loop::Verdict down(loop::Walk& walk) override;

  Connections& connections() { return connections_; }

 private:
  void flush();
  loop::Verdict down_elsewhere(loop::Walk& walk);

  loop::Worker& worker_;
  const Sockets& sockets_;
  UdpGrouping grouping_;
  // By their place; none where it is closed, or of another transport.
  std::vector<std::unique_ptr<UdpSocket>> udp_;
  std::vector<std::unique_ptr<UdpSocket>> closed_;  // until what they have queued has gone
  Connections connections_;

  struct Counters {
    explicit Counters(base::Stats& stats);
    struct Traffic {
      base::Counter received, received_bytes, sent, sent_bytes;
    };
    std::array<Traffic, base::kTransports> traffic;  // messages, by their transport
    base::Counter keepalives, stun_answers;
  } counters_;
};

}  // namespace opensips::transport
