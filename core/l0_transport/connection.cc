#include "l0_transport/connection.hh"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <span>
#include <utility>

#include "l0_transport/connections.hh"

namespace opensips::transport {

namespace {

constexpr unsigned kRecordsPerTurn = 64;      // then others get their turn
constexpr std::uint32_t kLastWordMs = 1000;   // for the answer before a close to arrive
constexpr std::uint32_t kConfirmingMs = 100;  // between two looks at what a half-closed peer has

/// Room for one read, which is all that a stream's connection reads in a turn; a worker's
/// connections share it, since it is empty again when its frames are worked off.
std::span<char> read_buffer() {
  constexpr std::size_t kSize = Channel::kReadSize;
  static thread_local const auto bytes = std::make_unique_for_overwrite<char[]>(kSize);
  return {bytes.get(), kSize};
}

constexpr std::string_view kStatusLine = "SIP/2.0 ";

/// A message that wants a final answer.
bool is_question(std::string_view message) {
  return !message.starts_with(kStatusLine) && !message.starts_with("ACK ");
}

bool is_final_answer(std::string_view message) {
  return message.starts_with(kStatusLine) && message.size() > kStatusLine.size() &&
         message[kStatusLine.size()] >= '2';
}

int error_of(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

/// Bytes that the peer's system has not confirmed.
bool has_unconfirmed_bytes(int fd) {
  int bytes = 0;
  return ::ioctl(fd, SIOCOUTQ, &bytes) == 0 && bytes > 0;
}

}  // namespace

Connection::Connection(base::ConnectionId id, Connections& home, const base::Flow& flow,
                       bool accepted)
    : home_(home), flow_(flow), framing_(home.framing_of(flow, accepted)), accepted_(accepted) {
  flow_.connection = id;
  if (flow.transport == base::Transport::sctp) queue_.remember_sent();
  active_at_ = heard_at_ = began_at_ = now();
}

std::uint64_t Connection::now() const {
  return home_.worker().context().now();
}

void Connection::begin(ChannelPtr channel, bool connected) {
  channel_ = std::move(channel);
  if (connected) return this->connected();
  state_ = State::connecting;
  wait_writable();
  home_.worker().context().timers.arm(idle_, home_.options().connect_timeout);
}

void Connection::connected() {
  state_ = State::handshaking;
  active_at_ = now();
  idle_.cancel();
  readable_ = home_.worker().watch_readable(channel_->fd(), [this] { on_readable(); });
  advance();
  if (state_ == State::handshaking) {
    home_.worker().context().timers.arm(idle_, home_.options().handshake_timeout);
  }
}

/// Goes on with the handshake.
void Connection::advance() {
  switch (channel_->handshake()) {
    case Channel::Handshake::done: return opened();
    case Channel::Handshake::wants_read:
      if (writable_) writable_->pause();
      return;
    case Channel::Handshake::wants_write: return wait_writable();
    case Channel::Handshake::failed: return fail_handshake(channel_->handshake_error());
  }
}

void Connection::opened() {
  state_ = State::open;
  active_at_ = now();
  if (writable_) writable_->pause();
  heard_at_ = active_at_;
  home_.opened(*this, channel_->peer());
  auto& timers = home_.worker().context().timers;
  timers.arm(idle_, home_.options().lifetime);
  if (const auto interval = framing_->probing().interval) timers.arm(probe_, interval);
  wait_for_rest();
  if (!queue_.empty() && !std::exchange(dirty_, true)) home_.flush_later(id());
}

void Connection::fail_handshake(HandshakeError why) {
  const int error = why == HandshakeError::timeout ? ETIMEDOUT : errno ? errno : EPROTO;
  home_.handshake_failed(*this, why, channel_->handshake_problem());
  end(Ending::handshake, error);
}

void Connection::send(const base::WireRef& message, const base::Flow& to, loop::ClientId client) {
  if (state_ == State::ended) return;
  const auto bytes = framing_->wrap(message);
  if (!bytes) return home_.failed(client, to, ENOTCONN);
  note(message, to, client);
  queue(bytes, client);
}

void Connection::queue(const base::WireRef& bytes, loop::ClientId client) {
  if (state_ == State::ended) return;
  queue_.push(bytes, client);
  if (queue_.bytes() > home_.options().send_queue) return end(Ending::slow_reader, ENOBUFS);
  if (is_setting_up() || blocked_ || std::exchange(dirty_, true)) return;
  home_.flush_later(id());
}

/// Keeps account of what goes.
void Connection::note(const base::WireRef& wire, const base::Flow& to, loop::ClientId client) {
  if (client) users_ |= 1ULL << (client.worker() % 64);
  if (owed_ > 0 && is_final_answer(wire->view())) --owed_;
  if (state_ == State::half_closed) unconfirmed_.push_back({wire, to});
}

void Connection::flush() {
  dirty_ = false;
  if (is_setting_up() || state_ == State::ended) return;
  const auto before = queue_.bytes();
  const auto outcome = queue_.write(*channel_);
  if (outcome == SendQueue::Outcome::failed) return end(Ending::error, errno);
  const bool progress = queue_.bytes() < before;
  if (progress) active_at_ = now();
  sent_ += before - queue_.bytes();
  if (outcome == SendQueue::Outcome::blocked) return block(progress);
  if (state_ == State::closing)
    channel_->close_writing();  // the peer sees the end, and closes its side
  if (!std::exchange(blocked_, false)) return;
  stalled_.cancel();
  writable_->pause();
}

void Connection::block(bool progress) {
  if (progress || !stalled_.armed()) {
    home_.worker().context().timers.arm(stalled_, home_.options().send_timeout);
  }
  if (!std::exchange(blocked_, true)) wait_writable();
}

void Connection::wait_writable() {
  if (writable_) return writable_->resume();
  writable_ = home_.worker().watch_writable(channel_->fd(), [this] { on_writable(); });
}

void Connection::on_writable() {
  if (state_ == State::connecting) return on_connected();
  if (state_ == State::handshaking) return on_readable();
  flush();
}

void Connection::on_connected() {
  if (const int error = error_of(channel_->fd())) return end(Ending::connect_failed, error);
  writable_->pause();
  connected();
}

void Connection::on_readable() {
  if (state_ == State::handshaking) advance();
  // One read of a stream may give many messages, one of SCTP one at most.
  unsigned reads = flow_.transport == base::Transport::sctp ? kRecordsPerTurn : 1;
  while (reads > 0 && !is_setting_up() && state_ != State::ended) {
    const auto got = read();
    if (got.size > 0) {
      --reads;
    } else if (!got.undelivered) {
      return;
    }
  }
}

/// Reads once, and works it off.
Channel::Read Connection::read() {
  const auto buffer = read_buffer();
  const auto got = channel_->read(buffer);
  const int error = errno;
  if (got.undelivered) home_.undelivered(*this, *got.undelivered);
  if (got.size > 0 && state_ == State::open) {
    work_off({buffer.data(), got.size}, got.ends_message);
  }
  if (got.end == Channel::Read::End::closed) on_peer_closed();
  if (got.end == Channel::Read::End::failed) end(Ending::error, error);
  return got;
}

void Connection::work_off(std::string_view bytes, bool ends_message) {
  active_at_ = heard_at_ = now();
  probed_ = false;
  received_ += bytes.size();
  framing_->read_record(bytes, ends_message, [this](const auto& event) { return take(event); });
  wait_for_rest();
}

/// What has begun has its time to become whole.
void Connection::wait_for_rest() {
  const auto patience = state_ == State::open ? framing_->patience() : 0;
  if (patience == 0) {
    message_.cancel();
  } else if (!message_.armed()) {
    home_.worker().context().timers.arm(message_, patience);
  }
}

/// False if this connection reads no more.
bool Connection::take(const Framing::Event& event) {
  using Kind = Framing::Event::Kind;
  const auto say = [&] { queue(base::Wire::copy(event.bytes), {}); };
  switch (event.kind) {
    case Kind::message:
      message_.cancel();
      take_message(event.bytes);
      break;
    case Kind::keepalive: home_.count_keepalive(); break;
    case Kind::answer:
      if (!blocked_) say();  // who does not read does not miss them, and they would pile up
      break;
    case Kind::opened:
      message_.cancel();
      say();
      break;
    case Kind::broken:
      condemn(State::condemned, Ending::bad_input);
      home_.worker().receive(event.bytes, flow_);
      break;
    case Kind::garbage: end(Ending::bad_input, EPROTO); break;
    case Kind::refused:
    case Kind::closed:
      condemn(State::closing, event.kind == Kind::closed ? Ending::by_peer : Ending::bad_input);
      say();
      break;
  }
  return state_ == State::open;
}

void Connection::take_message(std::string_view message) {
  if (is_question(message)) {
    ++owed_;
    const auto alias_port_of = home_.options().alias_port_of;
    const auto port = alias_port_of && accepted_ && !alias_ ? alias_port_of(message) : 0;
    auto address = flow_.peer;
    address.set_port(static_cast<std::uint16_t>(port));
    if (port && home_.lead_to(*this, address)) alias_ = address;
  }
  home_.worker().receive(message, flow_);
}

/// It sends no more. Whether it still reads, and waits for its answers, cannot be told from here:
/// they go out, and those that do not arrive go to the address that they have besides (RFC 3261
/// 18.2.2).
void Connection::on_peer_closed() {
  if (state_ == State::closing) return end(last_word_, ECONNRESET);
  const bool may_wait = state_ == State::open && base::is_stream(flow_.transport);
  if (!may_wait || (owed_ == 0 && queue_.empty())) return end(Ending::by_peer, ECONNRESET);
  state_ = State::half_closed;
  kept_until_ = now() + home_.options().lifetime;
  readable_->pause();
  message_.cancel();
  probe_.cancel();
  home_.worker().context().timers.arm(idle_, kConfirmingMs);
  home_.lost(*this);
}

void Connection::check_half_closed() {
  if (const int error = error_of(channel_->fd())) return end(Ending::by_peer, error);
  if (queue_.empty() && !has_unconfirmed_bytes(channel_->fd())) {
    unconfirmed_.clear();
    if (owed_ == 0) return end(Ending::by_peer, ECONNRESET);
  }
  if (kept_until_ <= now()) return end(Ending::idle, ETIMEDOUT);
  home_.worker().context().timers.arm(idle_, kConfirmingMs);
}

/// Asks a peer from which nothing has come for a while whether it is there. Whatever comes is a
/// sign of life.
void Connection::on_quiet() {
  auto& timers = home_.worker().context().timers;
  if (probed_) return end(Ending::no_pong, ETIMEDOUT);
  const auto probing = framing_->probing();
  const auto due = heard_at_ + probing.interval;
  if (due > now()) return timers.arm(probe_, due - now());
  const auto question = framing_->probe();
  if (question.empty()) return timers.arm(probe_, probing.interval);
  probed_ = true;
  timers.arm(probe_, probing.patience);
  queue(base::Wire::copy(question), {});
}

/// The answer to what came last still goes out. Until then what the peer sends is read and thrown
/// away: closing with bytes unread would be a reset, which may overtake the answer.
void Connection::condemn(State state, Ending why) {
  state_ = state;
  last_word_ = why;
  probe_.cancel();
  home_.worker().context().timers.arm(idle_, kLastWordMs);
}

void Connection::keep_until(std::uint64_t time_ms) {
  kept_until_ = std::max(kept_until_, time_ms);
}

std::uint64_t Connection::idle_at() const {
  return std::max(active_at_ + home_.options().lifetime, kept_until_);
}

void Connection::on_idle() {
  if (state_ == State::connecting) return end(Ending::connect_failed, ETIMEDOUT);
  if (state_ == State::handshaking) return fail_handshake(HandshakeError::timeout);
  if (state_ == State::half_closed) return check_half_closed();
  if (state_ != State::open) return end(last_word_, EPROTO);
  const auto until = idle_at();
  if (until <= now()) return end(Ending::idle, ETIMEDOUT);
  home_.worker().context().timers.arm(idle_, until - now());
}

void Connection::on_late_message() {
  end(Ending::slow_message, ETIMEDOUT);
}

void Connection::on_stalled() {
  end(Ending::slow_reader, ETIMEDOUT);
}

void Connection::end(Ending why, int error) {
  if (std::exchange(state_, State::ended) == State::ended) return;
  if (readable_) readable_->pause();
  if (writable_) writable_->pause();
  idle_.cancel();
  message_.cancel();
  stalled_.cancel();
  probe_.cancel();
  channel_.reset();
  home_.ended(*this, why, error);
}

}  // namespace opensips::transport
