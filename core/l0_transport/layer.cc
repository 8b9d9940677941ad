#include "l0_transport/layer.hh"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <utility>

#include "l0_transport/events.hh"

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
                               const TcpOptions& options, const tls::Service* tls)
    : worker_(worker),
      sockets_(sockets),
      connections_(worker, sockets, table, options, tls),
      keepalives_(worker.context().statistics.counter("net:keepalives")) {
  worker_.at_turn_end([this] { flush(); });
}

void TransportLayer::flush() {
  for (const auto& socket : udp_) {
    if (socket) socket->flush();
  }
  connections_.flush();
  if (closed_.empty()) return;
  for (const auto& socket : closed_) socket->flush();
  std::erase_if(closed_, [](const auto& socket) { return socket->idle(); });
}

void TransportLayer::add(std::uint16_t place, FileDescriptor fd) {
  if (place >= udp_.size()) udp_.resize(place + 1U);
  if (sockets_.at(place).transport != base::Transport::udp) {
    return connections_.add_listener(place, std::move(fd));
  }
  udp_[place] = std::make_unique<UdpSocket>(worker_, place, std::move(fd));
}

void TransportLayer::start(std::uint16_t place) {
  if (sockets_.at(place).transport != base::Transport::udp) return connections_.listen(place);
  udp_[place]->start();
}

void TransportLayer::close(std::uint16_t place) {
  if (sockets_.at(place).transport != base::Transport::udp) return connections_.unlisten(place);
  udp_[place]->stop();
  closed_.push_back(std::move(udp_[place]));
}

Verdict TransportLayer::up(Walk& walk) {
  if (!is_keepalive(walk.bytes)) return Verdict::up;
  worker_.context().stats.add(keepalives_);
  return Verdict::done;
}

Verdict TransportLayer::down(Walk& walk) {
  if (walk.flow.transport != base::Transport::udp) {
    connections_.send(walk.wire, walk.flow, walk.client);
    return Verdict::done;
  }
  assert(walk.flow.socket < udp_.size());
  const auto& socket = udp_[walk.flow.socket];
  if (!socket) return down_elsewhere(walk);
  socket->send(walk.wire, walk.flow, walk.client);
  return Verdict::done;
}

/// The socket was closed. An answer, or an ACK, goes from another one. A request does not: its Via
/// names the socket, where the answer would find nobody.
Verdict TransportLayer::down_elsewhere(Walk& walk) {
  const auto other = sockets_.choose(base::Transport::udp, walk.flow.peer, walk.flow.socket);
  const bool can = other && *other < udp_.size() && udp_[*other];
  if (can && !walk.client) {
    udp_[*other]->send(walk.wire, walk.flow, walk.client);
    return Verdict::done;
  }
  if (!walk.client) return Verdict::done;
  auto& context = worker_.context();
  context.defer([&context, event = SendFailed{walk.client, walk.flow, EADDRNOTAVAIL}] {
    context.bus.publish(event);
  });
  return Verdict::done;
}

}  // namespace opensips::transport
