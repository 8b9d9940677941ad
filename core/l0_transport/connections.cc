#include "l0_transport/connections.hh"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cassert>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "base/log.hh"
#include "l0_transport/record_framing.hh"
#include "l0_transport/sctp_channel.hh"
#include "l0_transport/stream_framing.hh"
#include "l0_transport/tls/service.hh"
#include "l0_transport/tos.hh"
#include "l0_transport/ws_framing.hh"

namespace opensips::transport {

using base::ConnectionId;
using base::Flow;
using loop::ClientId;

namespace {

constexpr std::array<std::string_view, kEndings> kEndingNames{
    "closed_by_peer",    "closed_error",     "connect_failed",      "handshake_failed",
    "closed_idle",       "closed_bad_input", "closed_slow_message", "closed_slow_reader",
    "closed_by_command", "closed_no_pong"};

constexpr std::array<std::string_view, kHandshakeErrors> kHandshakeErrorNames{
    "", "timeout", "by_peer", "protocol", "version", "certificate", "name", "no_domain", "refused"};

void set(int fd, int level, int option, int value) {
  setsockopt(fd, level, option, &value, sizeof value);
}

void prepare_tcp(int fd, const TcpOptions& options) {
  // What a turn has gathered goes out in one call already.
  set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_tos(fd, options.tos);
  if (!options.keepalive) return;
  set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  if (options.keepalive_idle) set(fd, IPPROTO_TCP, TCP_KEEPIDLE, options.keepalive_idle);
  if (options.keepalive_interval) set(fd, IPPROTO_TCP, TCP_KEEPINTVL, options.keepalive_interval);
  if (options.keepalive_count) set(fd, IPPROTO_TCP, TCP_KEEPCNT, options.keepalive_count);
}

Flow with_peer(Flow flow, const base::Address& peer) {
  flow.peer = peer;
  return flow;
}

}  // namespace

/// Bytes for a connection of another worker: made by the worker whose message they are, freed by
/// the other.
class Connections::Posted final : public loop::InboxItem {
 public:
  static loop::InboxItem::Ptr make(Connections& to, std::string_view bytes, const Flow& flow,
                                   ClientId client) {
    void* memory = ::operator new(sizeof(Posted) + bytes.size());
    auto* posted = new (memory) Posted(to, bytes.size(), flow, client);
    std::memcpy(reinterpret_cast<char*>(posted + 1), bytes.data(), bytes.size());
    return loop::InboxItem::Ptr(posted);
  }
  void run() override {
    to_.send(base::Wire::copy({reinterpret_cast<const char*>(this + 1), size_}), flow_, client_);
    drop();
  }
  void drop() override {
    this->~Posted();
    ::operator delete(this);
  }

 private:
  Posted(Connections& to, std::size_t size, const Flow& flow, ClientId client)
      : to_(to), size_(size), flow_(flow), client_(client) {}
  ~Posted() override = default;

  Connections& to_;
  std::size_t size_;
  Flow flow_;
  ClientId client_;
};

/// Those of a transport that has no connections are not registered, and never counted.
Connections::Counters Connections::counters_of(base::Transport transport, base::Stats& stats) {
  Counters all;
  if (transport == base::Transport::udp) return all;
  const auto named = [transport](std::string_view name) {
    return fmt::format("net:{}_{}", base::name_of(transport), name);
  };
  all.connections = stats.gauge(named("connections"));
  all.accepted = stats.counter(named("accepted"));
  all.opened = stats.counter(named("opened"));
  all.refused = stats.counter(named("refused"));
  all.send_errors = stats.counter(named("send_errors"));
  for (unsigned i = 0; i < kEndings; ++i) all.endings[i] = stats.counter(named(kEndingNames[i]));
  if (!base::is_secure(transport)) return all;
  for (unsigned i = 1; i < kHandshakeErrors; ++i) {
    const auto name = fmt::format("handshake_failed_{}", kHandshakeErrorNames[i]);
    all.handshake_errors[i] = stats.counter(named(name));
  }
  return all;
}

Connections::Connections(loop::Worker& worker, const Sockets& sockets, ConnectionTable& table,
                         const TcpOptions& options, const tls::Service* tls)
    : worker_(worker),
      sockets_(sockets),
      table_(table),
      options_(options),
      tls_(tls),
      all_(worker.context().worker(), worker.context().epoch()),
      keepalives_(worker.context().statistics.counter("net:keepalives")),
      ws_stats_(worker.context().statistics, worker.context().stats) {
  for (unsigned i = 0; i < base::kTransports; ++i) {
    counters_[i] = counters_of(static_cast<base::Transport>(i), worker.context().statistics);
  }
  table_.join(*this);
}

Connections::~Connections() = default;

void Connections::add_listener(std::uint16_t socket, FileDescriptor fd) {
  listeners_.push_back(
      std::make_unique<TcpListener>(*this, socket, sockets_.at(socket).transport, std::move(fd)));
}

void Connections::listen(std::uint16_t socket) {
  for (const auto& listener : listeners_) {
    if (listener->socket() == socket) listener->start();
  }
}

void Connections::unlisten(std::uint16_t socket) {
  std::erase_if(listeners_, [socket](const auto& one) { return one->socket() == socket; });
}

Connection* Connections::find(ConnectionId id) const {
  Connection* const found = all_.find(id);
  return found && found->state() != Connection::State::ended ? found : nullptr;
}

void Connections::send(const base::WireRef& wire, const Flow& to, ClientId client) {
  const auto id = to.connection;
  if (!id) return send_by_peer(wire, to, client);
  // Who has it also knows when it is gone.
  if (id.worker() != worker_.context().worker()) return post(id.worker(), wire, to, client);
  Connection* const mine = find(id);
  if (mine && (mine->takes_requests() || !client)) return mine->send(wire, to, client);
  if (client) tell(client, Rerouted{client});
  send_by_peer(wire, to, client);
}

void Connections::send_by_peer(const base::WireRef& wire, const Flow& to, ClientId client) {
  auto known = to;
  known.connection = table_.find(to);
  const bool elsewhere =
      known.connection && known.connection.worker() != worker_.context().worker();
  if (elsewhere) return post(known.connection.worker(), wire, known, client);
  Connection* const mine = known.connection ? find(known.connection) : nullptr;
  if (!mine) return open(wire, to, client);
  mine->send(wire, to, client);
}

void Connections::post(unsigned worker, const base::WireRef& wire, const Flow& to,
                       ClientId client) {
  if (worker >= table_.workers().size()) return failed(client, to, ENOTCONN);
  auto& other = table_.of(worker);
  auto posted = Posted::make(other, wire->view(), to, client);
  // Like a message that changes its worker on the way up: woken at the end of the turn.
  if (!other.worker().inbox().try_post(posted, loop::Wake::at_flush)) failed(client, to, ENOBUFS);
}

/// Opens a connection to the flow's peer for these bytes.
void Connections::open(const base::WireRef& wire, const Flow& to, ClientId client) {
  if (!to.may_connect()) return failed(client, to, ENOTCONN);
  auto& stats = worker_.context().stats;
  if (table_.enter(to.peer, false) != ConnectionTable::Admission::granted) {
    stats.add(counters(to).refused);
    return failed(client, to, EMFILE);
  }
  Connection& made = *all_.emplace(*this, to, false).second;
  const auto first = table_.claim(to, made.id());
  if (first != made.id()) {  // another worker was faster
    table_.leave(to.peer, false);
    all_.erase(made.id());
    auto there = to;
    there.connection = first;
    return post(first.worker(), wire, there, client);
  }
  stats.add(counters(to).connections);
  stats.add(counters(to).opened);
  const int error = connect(made);
  made.send(wire, to, client);
  if (error) made.end(Ending::connect_failed, error);
}

/// 0, or errno.
int Connections::connect(Connection& connection) {
  const auto& peer = connection.flow().peer;
  const auto over = connection.flow().transport;
  auto fd = open_stream(peer.raw()->sa_family, over);
  if (!fd) return errno;
  if (over == base::Transport::sctp) {
    prepare_sctp(fd, options_.sctp);
  } else {
    prepare_tcp(fd.get(), options_);
  }
  // From the address that the Via names, unless nobody is there any more; the port is the kernel's
  // choice.
  const auto socket = sockets_.choose(over, peer, connection.flow().socket);
  if (!socket) return EADDRNOTAVAIL;
  auto local = sockets_.at(*socket).address;
  local.set_port(0);
  set(fd.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  if (::bind(fd.get(), local.raw(), local.raw_size()) != 0) return errno;
  if (::connect(fd.get(), peer.raw(), peer.raw_size()) != 0 && errno != EINPROGRESS) return errno;
  auto channel = channel_over(std::move(fd), connection.flow(), false);
  if (!channel) return errno;
  connection.begin(std::move(channel), false);
  return 0;
}

/// What its transport needs; none with errno set.
ChannelPtr Connections::channel_over(FileDescriptor fd, const Flow& flow, bool accepted) {
  if (base::is_secure(flow.transport)) {
    assert(tls_);
    return accepted ? tls_->accept(std::move(fd), sockets_.at(flow.socket).address)
                    : tls_->connect(std::move(fd), flow.peer,
                                    sockets_.peer_names().name_of(flow.peer_name));
  }
  if (flow.transport == base::Transport::sctp) {
    return std::make_unique<SctpChannel>(std::move(fd), flow.peer);
  }
  return std::make_unique<PlainChannel>(std::move(fd));
}

FramingPtr Connections::framing_of(const Flow& flow, bool accepted) {
  if (base::is_websocket(flow.transport)) {
    return std::make_unique<WsFraming>(options_.ws, ws_stats_, flow.peer);
  }
  if (flow.transport == base::Transport::sctp) {
    return std::make_unique<RecordFraming>(options_.max_message, options_.message_time);
  }
  // Who opened it keeps it alive (RFC 5626 4.4): of others nobody knows whether they answer.
  const auto ping_interval = accepted ? 0 : options_.ping_interval;
  return std::make_unique<StreamFraming>(
      StreamFraming::Options{.max_message = options_.max_message,
                             .message_time = options_.message_time,
                             .answer_pings = options_.answer_pings,
                             .probing = {ping_interval, options_.pong_timeout}});
}

void Connections::accepted(FileDescriptor fd, const base::Address& peer, std::uint16_t socket) {
  static base::RateLimit limit{std::chrono::seconds(10)};
  auto& stats = worker_.context().stats;
  const Flow flow{peer, socket, sockets_.at(socket).transport};
  const auto admission = table_.enter(peer, true);
  if (admission != ConnectionTable::Admission::granted) {
    base::log_limited(
        limit, base::LogLevel::warn, "connection from {} refused: {}", peer.to_string(),
        admission == ConnectionTable::Admission::full ? "there are tcp_max_connections"
                                                      : "it has tcp_max_connections_per_source");
    return stats.add(counters(flow).refused);
  }
  if (flow.transport != base::Transport::sctp) prepare_tcp(fd.get(), options_);
  auto channel = channel_over(std::move(fd), flow, true);
  if (!channel) {
    base::log_limited(limit, base::LogLevel::warn, "{} connection from {} refused: {}",
                      base::name_of(flow.transport), peer.to_string(),
                      errno == EPROTONOSUPPORT ? "no TLS domain for the address that it came to"
                                               : std::strerror(errno));
    table_.leave(peer, true);
    return stats.add(counters(flow).refused);
  }
  stats.add(counters(flow).connections);
  stats.add(counters(flow).accepted);
  Connection& made = *all_.emplace(*this, flow, true).second;
  table_.claim(flow, made.id());
  made.begin(std::move(channel), true);
}

void Connections::flush() {
  // What fails in here is told to the layers above later: nothing is added to the list meanwhile.
  for (const auto id : to_flush_) {
    if (Connection* const connection = find(id)) connection->flush();
  }
  to_flush_.clear();
}

void Connections::keep(ConnectionId id, std::uint64_t duration_ms) {
  if (!id || id.worker() >= table_.workers().size()) return;
  if (id.worker() != worker_.context().worker()) {
    auto& other = table_.of(id.worker());
    return other.worker().inbox().post([&other, id, duration_ms] { other.keep(id, duration_ms); },
                                       loop::Wake::at_flush);
  }
  Connection* const mine = find(id);
  if (mine) mine->keep_until(worker_.context().now() + duration_ms);
}

bool Connections::close(ConnectionId id) {
  Connection* const mine = find(id);
  if (mine) mine->end(Ending::command, ECONNRESET);
  return mine;
}

void Connections::opened(const Connection& connection, std::shared_ptr<const TlsPeer> peer) {
  if (peer) table_.know(connection.id(), std::move(peer));
  worker_.context().bus.publish(ConnectionOpened{connection.flow()});
}

/// The object goes at the end of the turn: something of it may be running.
void Connections::ended(Connection& connection, Ending why, int error) {
  auto& stats = worker_.context().stats;
  const auto& flow = connection.flow();
  stats.subtract(counters(flow).connections);
  stats.add(counters(flow).endings[static_cast<unsigned>(why)]);
  base::log_debug("{} connection with {} ended: {}", base::name_of(flow.transport),
                  flow.peer.to_string(), std::strerror(error));
  table_.leave(flow.peer, connection.accepted());
  table_.forget(connection.id());
  for (const auto client : connection.queue().take_clients()) failed(client, flow, error);
  lost(connection);
  send_again(connection.take_unconfirmed());
  worker_.context().defer([this, id = connection.id(), flow, why] {
    all_.erase(id);
    worker_.context().bus.publish(ConnectionEnded{flow, kEndingNames[static_cast<unsigned>(why)]});
  });
}

bool Connections::lead_to(const Connection& connection, const base::Address& address) {
  return table_.claim(with_peer(connection.flow(), address), connection.id()) == connection.id();
}

void Connections::lost(Connection& connection) {
  if (!connection.lose()) return;
  const auto& flow = connection.flow();
  tell_users(connection.users(), {flow, table_.release(flow, connection.id())});
  if (!connection.alias()) return;
  const auto alias = with_peer(flow, connection.alias());
  table_.release(alias, connection.id());
  tell_users(connection.users(), {alias, true});
}

/// This worker, and the others that have used the connection, each in a turn of its own.
void Connections::tell_users(std::uint64_t users, const ConnectionClosed& event) {
  auto& context = worker_.context();
  context.defer([&context, event] { context.bus.publish(event); });
  for (unsigned i = 0; users && i < table_.workers().size(); ++i) {
    if (i == context.worker() || !(users & 1ULL << (i % 64))) continue;
    auto& other = table_.of(i).worker();
    other.inbox().post([&other, event] { other.context().bus.publish(event); },
                       loop::Wake::at_flush);
  }
}

/// Answers that did not arrive go to the address that they have besides (RFC 3261 18.2.2).
void Connections::send_again(std::vector<Connection::Unconfirmed> answers) {
  if (answers.empty()) return;
  worker_.context().defer([this, answers = std::move(answers)] {
    for (const auto& one : answers) send_by_peer(one.wire, one.to, {});
  });
}

void Connections::undelivered(Connection& connection, std::uint32_t number) {
  const auto client = connection.queue().take_sent(number);
  if (client) failed(*client, connection.flow(), ECONNRESET);
}

void Connections::handshake_failed(const Connection& connection, HandshakeError why,
                                   std::string_view problem) {
  static base::RateLimit limit{std::chrono::milliseconds(50)};
  const int error = errno;
  const auto& flow = connection.flow();
  worker_.context().stats.add(counters(flow).handshake_errors[static_cast<unsigned>(why)]);
  if (problem.empty()) {
    problem = why == HandshakeError::timeout ? "no answer in tls_handshake_timeout"
                                             : std::strerror(error);
  }
  base::log_limited(limit, base::LogLevel::warn, "{} handshake {} {} failed: {}",
                    base::name_of(flow.transport), connection.accepted() ? "from" : "with",
                    flow.peer.to_string(), problem);
}

void Connections::failed(ClientId client, const Flow& to, int error) {
  worker_.context().stats.add(counters(to).send_errors);
  if (client) tell(client, SendFailed{client, to, error});
}

/// On whatever worker the client transaction is, in a turn of its own.
template <class Event>
void Connections::tell(ClientId client, const Event& event) {
  if (client.worker() == worker_.context().worker()) {
    auto& context = worker_.context();
    return context.defer([&context, event] { context.bus.publish(event); });
  }
  auto& other = table_.of(client.worker()).worker();
  other.inbox().post([&other, event] { other.context().bus.publish(event); }, loop::Wake::at_flush);
}

}  // namespace opensips::transport
