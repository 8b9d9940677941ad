#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/slot_table.hh"
#include "base/stats.hh"
#include "l0_transport/connection.hh"
#include "l0_transport/connection_table.hh"
#include "l0_transport/events.hh"
#include "l0_transport/sockets.hh"
#include "l0_transport/tcp_listener.hh"
#include "l0_transport/tcp_options.hh"
#include "l0_transport/ws_stats.hh"
#include "loop/worker.hh"

namespace opensips::transport {

namespace tls {
class Service;
}

/// The connections of one worker, over whatever transport has any: those that it accepted, and
/// those that it opened because one of its own messages had to go somewhere. What has to go out
/// over another worker's connection is posted to it.
class Connections {
 public:
  /// `tls`: for sockets of TLS, if there are any.
  Connections(loop::Worker& worker, const Sockets& sockets, ConnectionTable& table,
              const TcpOptions& options, const tls::Service* tls = nullptr);
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;
  ~Connections();

  /// Takes a bound socket, which has that place in Sockets. Before the worker runs, or on it.
  void add_listener(std::uint16_t socket, FileDescriptor fd);
  /// Accepts on it, and no more. Connections that came by it stay.
  void listen(std::uint16_t socket);
  void unlisten(std::uint16_t socket);

  /// Queues bytes for the flow's connection; if that is gone for another to its peer, which is
  /// opened if there is none. `client`, of any worker, is told if they cannot be sent.
  void send(const base::WireRef& wire, const base::Flow& to, loop::ClientId client);
  /// Sends what is queued.
  void flush();
  /// The connection is not idle for that long, whoever has it.
  void keep(base::ConnectionId id, std::uint64_t duration_ms);

  loop::Worker& worker() { return worker_; }
  const TcpOptions& options() const { return options_; }
  /// Who is at the other end of a connection, of any worker; none without TLS.
  std::shared_ptr<const TlsPeer> peer_of(base::ConnectionId id) const { return table_.peer_of(id); }

  /// Calls `visit(Connection&)` for each that has not ended. On the worker.
  template <class Visit>
  void for_each(Visit&& visit) {
    all_.for_each([&](base::ConnectionId, Connection& one) {
      if (one.state() != Connection::State::ended) visit(one);
    });
  }
  /// False if it has none of that name. On the worker.
  bool close(base::ConnectionId id);

  // For its connections and listeners.
  void accepted(FileDescriptor fd, const base::Address& peer, std::uint16_t socket);
  void flush_later(base::ConnectionId id) { to_flush_.push_back(id); }
  void opened(const Connection& connection, std::shared_ptr<const TlsPeer> peer);
  /// It leads to that address too; false if another does.
  bool lead_to(const Connection& connection, const base::Address& address);
  /// Nothing comes by it any more: nothing new is sent over it, and who waits for an answer is
  /// told. Happens once.
  void lost(Connection& connection);
  void ended(Connection& connection, Ending why, int error);
  /// What the flow's transport needs.
  FramingPtr framing_of(const base::Flow& flow, bool accepted);
  /// Tells the client transaction, on whatever worker it is, in a turn of its own.
  void failed(loop::ClientId client, const base::Flow& to, int error);
  /// Before it ends by that. `problem`: in words, if errno does not say it all.
  void handshake_failed(const Connection& connection, HandshakeError why, std::string_view problem);
  /// The peer did not get the message with that number (Channel::Read).
  void undelivered(Connection& connection, std::uint32_t number);
  void count_keepalive() { worker_.context().stats.add(keepalives_); }

 private:
  class Posted;

  Connection* find(base::ConnectionId id) const;
  void send_by_peer(const base::WireRef& wire, const base::Flow& to, loop::ClientId client);
  void post(unsigned worker, const base::WireRef& wire, const base::Flow& to,
            loop::ClientId client);
  void open(const base::WireRef& wire, const base::Flow& to, loop::ClientId client);
  int connect(Connection& connection);
  ChannelPtr channel_over(FileDescriptor fd, const base::Flow& flow, bool accepted);
  void send_again(std::vector<Connection::Unconfirmed> answers);
  template <class Event>
  void tell(loop::ClientId client, const Event& event);
  void tell_users(std::uint64_t users, const ConnectionClosed& event);

  loop::Worker& worker_;
  const Sockets& sockets_;
  ConnectionTable& table_;
  TcpOptions options_;
  const tls::Service* tls_;
  std::vector<std::unique_ptr<TcpListener>> listeners_;
  base::SlotTable<Connection, base::ConnectionTag> all_;
  std::vector<base::ConnectionId> to_flush_;

  /// Of one transport.
  struct Counters {
    base::Counter connections, accepted, opened, refused, send_errors;
    std::array<base::Counter, kEndings> endings;
    std::array<base::Counter, kHandshakeErrors> handshake_errors;
  };
  static Counters counters_of(base::Transport transport, base::Stats& stats);
  const Counters& counters(const base::Flow& flow) const {
    return counters_[static_cast<unsigned>(flow.transport)];
  }

  std::array<Counters, base::kTransports> counters_;
  base::Counter keepalives_;
  WsStats ws_stats_;
};

}  // namespace opensips::transport
