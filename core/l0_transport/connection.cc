#include "l0_transport/connection.hh"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "l0_transport/connections.hh"

namespace opensips::transport {

namespace {

constexpr std::size_t kReadSize = 65536;     // in one turn; then others get theirs
constexpr std::uint32_t kLastWordMs = 1000;  // for the answer before a close to arrive

/// Room for one read; a worker's connections share it, since it is empty again when its frames are
/// worked off.
char* read_buffer() {
  static thread_local const auto bytes = std::make_unique_for_overwrite<char[]>(kReadSize);
  return bytes.get();
}

base::WireRef line_end() {
  constexpr std::string_view kLineEnd = "\r\n";
  auto wire = base::Wire::make(kLineEnd.size());
  std::memcpy(wire->data(), kLineEnd.data(), kLineEnd.size());
  wire->resize(kLineEnd.size());
  return wire;
}

}  // namespace

Connection::Connection(base::ConnectionId id, Connections& home, const base::Flow& flow,
                       bool accepted)
    : home_(home), flow_(flow), reader_(home.options().max_message), accepted_(accepted) {
  flow_.connection = id;
  active_at_ = now();
}

std::uint64_t Connection::now() const {
  return home_.worker().context().now();
}

void Connection::begin(FileDescriptor fd, State state) {
  auto& timers = home_.worker().context().timers;
  fd_ = std::move(fd);
  state_ = state;
  if (state == State::connecting) {
    writable_ = home_.worker().watch_writable(fd_.get(), [this] { on_writable(); });
    return timers.arm(idle_, home_.options().connect_timeout);
  }
  readable_ = home_.worker().watch_readable(fd_.get(), [this] { on_readable(); });
  timers.arm(idle_, home_.options().lifetime);
}

void Connection::send(const base::WireRef& wire, loop::ClientId client) {
  if (state_ == State::ended) return;
  queue_.push(wire, client);
  if (queue_.bytes() > home_.options().send_queue) return end(Ending::slow_reader, ENOBUFS);
  if (state_ == State::connecting || blocked_ || std::exchange(dirty_, true)) return;
  home_.flush_later(id());
}

void Connection::flush() {
  dirty_ = false;
  if (state_ == State::connecting || state_ == State::ended) return;
  const auto before = queue_.bytes();
  const auto outcome = queue_.write(fd_.get());
  if (outcome == SendQueue::Outcome::failed) return end(Ending::error, errno);
  const bool progress = queue_.bytes() < before;
  if (progress) active_at_ = now();
  if (outcome == SendQueue::Outcome::blocked) return block(progress);
  if (!std::exchange(blocked_, false)) return;
  stalled_.cancel();
  writable_->pause();
}

void Connection::block(bool progress) {
  if (progress || !stalled_.armed()) {
    home_.worker().context().timers.arm(stalled_, home_.options().send_timeout);
  }
  if (std::exchange(blocked_, true)) return;
  if (writable_) return writable_->resume();
  writable_ = home_.worker().watch_writable(fd_.get(), [this] { on_writable(); });
}

void Connection::on_writable() {
  if (state_ == State::connecting) on_connected();
  flush();
}

void Connection::on_connected() {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return end(Ending::connect_failed, error);
  writable_->pause();
  begin(std::move(fd_), State::open);
  active_at_ = now();
}

void Connection::on_readable() {
  char* const buffer = read_buffer();
  const ssize_t size = ::recv(fd_.get(), buffer, kReadSize, MSG_DONTWAIT);
  if (size == 0) return end(Ending::by_peer, ECONNRESET);
  if (size < 0) {
    if (errno != EAGAIN && errno != EINTR) end(Ending::error, errno);
    return;
  }
  if (state_ != State::open) return;
  active_at_ = now();
  const std::string_view bytes(buffer, static_cast<std::size_t>(size));
  const bool good = reader_.read(bytes, [this](const auto& frame) { return take(frame); });
  if (!good || !reader_.inside()) {
    message_.cancel();
  } else if (!message_.armed()) {
    home_.worker().context().timers.arm(message_, home_.options().message_time);
  }
}

/// False if this connection reads no more.
bool Connection::take(const Framer::Frame& frame) {
  using Kind = Framer::Frame::Kind;
  switch (frame.kind) {
    case Kind::message:
      message_.cancel();
      home_.worker().receive(frame.bytes, flow_);
      break;
    case Kind::ping:
      home_.count_keepalive();
      // Who does not read does not miss them, and they would pile up.
      if (home_.options().answer_pings && !blocked_) send(line_end(), {});
      break;
    case Kind::broken:
      condemn();
      home_.worker().receive(frame.bytes, flow_);
      break;
    case Kind::garbage: end(Ending::bad_input, EPROTO); break;
    case Kind::more: break;
  }
  return state_ == State::open;
}

/// The answer to what came last still goes out. Until then what the peer sends is read and thrown
/// away: closing with bytes unread would be a reset, which may overtake the answer.
void Connection::condemn() {
  state_ = State::condemned;
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
  if (state_ == State::condemned) return end(Ending::bad_input, EPROTO);
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
  fd_ = FileDescriptor();
  home_.ended(*this, why, error);
}

}  // namespace opensips::transport
