#include "l0_transport/layer.hh"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <utility>

#include "l0_transport/events.hh"

#include <fmt/core.h>

#include "l0_transport/stun.hh"

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

TransportLayer::Counters::Counters(base::Stats& stats)
    : keepalives(stats.counter("net:keepalives")), stun_answers(stats.counter("net:stun_answers")) {
  for (unsigned i = 0; i < traffic.size(); ++i) {
    const auto name = base::name_of(static_cast<base::Transport>(i));
    traffic[i] = {.received = stats.counter(fmt::format("net:{}_received", name)),
                  .received_bytes = stats.counter(fmt::format("net:{}_received_bytes", name)),
                  .sent = stats.counter(fmt::format("net:{}_sent", name)),
                  .sent_bytes = stats.counter(fmt::format("net:{}_sent_bytes", name))};
  }
}

TransportLayer::TransportLayer(loop::Worker& worker, const Sockets& sockets, ConnectionTable& table,
                               UdpGrouping::Mode grouping, const TcpOptions& options,
                               const tls::Service* tls)
    : worker_(worker),
      sockets_(sockets),
      grouping_(grouping),
      connections_(worker, sockets, table, options, tls),
      counters_(worker.context().statistics) {
  worker_.at_turn_end([this] { flush(); });
}

void TransportLayer::flush() {
  auto& overload = worker_.context().overload;
  const bool full = overload.turn_is_full();
  for (const auto& socket : udp_) {
    if (!socket) continue;
    socket->flush();
    if (full) socket->tell_waiting(overload);
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
  udp_[place] = std::make_unique<UdpSocket>(worker_, place, std::move(fd), grouping_);
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
  auto& stats = worker_.context().stats;
  const auto& traffic = counters_.traffic[static_cast<unsigned>(walk.flow.transport)];
  stats.add(traffic.received);
  stats.add(traffic.received_bytes, walk.bytes.size());
  if (!is_keepalive(walk.bytes)) return Verdict::up;
  stats.add(counters_.keepalives);
  if (walk.flow.transport != base::Transport::udp) return Verdict::done;
  walk.wire = stun_answer(walk.bytes, walk.flow.peer);
  if (!walk.wire) return Verdict::done;
  stats.add(counters_.stun_answers);
  return down(walk);
}

Verdict TransportLayer::down(Walk& walk) {
  auto& stats = worker_.context().stats;
  const auto& traffic = counters_.traffic[static_cast<unsigned>(walk.flow.transport)];
  stats.add(traffic.sent);
  stats.add(traffic.sent_bytes, walk.wire->size());
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
