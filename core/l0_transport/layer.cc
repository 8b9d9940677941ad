#include "l0_transport/layer.hh"

#include <cassert>

namespace opensips::transport {

using loop::Verdict;
using loop::Walk;

namespace {

/// CRLF (RFC 5626 3.5.1) and STUN (RFC 5389 6: the first two bits are zero). No SIP message begins
/// so, but for empty lines before one, which are followed by a letter.
bool is_keepalive(std::string_view bytes) {
  if (bytes.find_first_not_of("\r\n") == std::string_view::npos) return true;
  return static_cast<unsigned char>(bytes.front()) < 2;
}

}  // namespace

TransportLayer::TransportLayer(loop::Worker& worker, const Sockets& sockets, ConnectionTable& table,
                               const TcpOptions& options)
    : worker_(worker),
      sockets_(sockets),
      connections_(worker, sockets, table, options),
      keepalives_(worker.context().statistics.counter("net:keepalives")) {
  worker_.at_turn_end([this] {
    for (const auto& socket : udp_) {
      if (socket) socket->flush();
    }
    connections_.flush();
  });
}

void TransportLayer::add(std::uint16_t index, FileDescriptor fd) {
  assert(index == udp_.size());
  udp_.emplace_back();
  if (sockets_.at(index).transport != base::Transport::udp) {
    return connections_.listen(index, std::move(fd));
  }
  udp_.back() = std::make_unique<UdpSocket>(worker_, index, std::move(fd));
}

Verdict TransportLayer::up(Walk& walk) {
  if (!is_keepalive(walk.bytes)) return Verdict::up;
  worker_.context().stats.add(keepalives_);
  return Verdict::done;
}

Verdict TransportLayer::down(Walk& walk) {
  assert(walk.flow.socket < udp_.size());
  if (walk.flow.transport != base::Transport::udp) {
    connections_.send(walk.wire, walk.flow, walk.client);
    return Verdict::done;
  }
  udp_[walk.flow.socket]->send(walk.wire, walk.flow, walk.client);
  return Verdict::done;
}

}  // namespace opensips::transport
