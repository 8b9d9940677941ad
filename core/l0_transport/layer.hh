#pragma once

#include <memory>
#include <vector>

#include "base/stats.hh"
#include "l0_transport/connections.hh"
#include "l0_transport/sockets.hh"
#include "l0_transport/udp_socket.hh"
#include "loop/layer.hh"
#include "loop/worker.hh"

namespace opensips::transport {

/// L0 on one worker: its share of every socket, and its connections. Going up it takes keepalives
/// off; going down it queues the bytes on the flow's socket or connection until the end of the
/// turn.
class TransportLayer final : public loop::Layer {
 public:
  TransportLayer(loop::Worker& worker, const Sockets& sockets, ConnectionTable& table,
                 const TcpOptions& options, const tls::Service* tls = nullptr);

  /// This worker's descriptor of the socket with that place in Sockets; in order, before the worker
  /// runs.
  void add(std::uint16_t index, FileDescriptor fd);

  loop::Verdict up(loop::Walk& walk) override;
  loop::Verdict down(loop::Walk& walk) override;

  Connections& connections() { return connections_; }

 private:
  loop::Worker& worker_;
  const Sockets& sockets_;
  std::vector<std::unique_ptr<UdpSocket>> udp_;  // by their place; none for other transports
  Connections connections_;
  base::Counter keepalives_;
};

}  // namespace opensips::transport
