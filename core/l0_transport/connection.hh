#pragma once

#include <cstdint>
#include <string_view>

#include "base/flow.hh"
#include "base/wire.hh"
#include "l0_transport/channel.hh"
#include "l0_transport/framing.hh"
#include "l0_transport/send_queue.hh"
#include "loop/timer_wheel.hh"
#include "loop/worker.hh"

namespace opensips::transport {

class Connections;

/// Why a connection ended.
enum class Ending : std::uint8_t {
  by_peer,         ///< it closed its side
  error,           ///< the network says so
  connect_failed,  ///< refused, unreachable, or no answer in time
  handshake,       ///< its channel could not be set up
  idle,            ///< nothing came or went for its lifetime
  unanswered,      ///< a probe was not answered
  bad_input,       ///< what came cannot be framed
  slow_message,    ///< a message that began did not become whole in time
  slow_reader,     ///< the peer does not read what waits for it
  command,         ///< the operator wants it so
};
inline constexpr unsigned kEndings = 10;

/// One connection, accepted or opened: its channel, its framing, what waits to be sent, and the
/// time that it has for each. Connections owns it and is told when it ends.
class Connection {
 public:
  enum class State : std::uint8_t {
    connecting,
    handshaking,  ///< connected; its channel is being set up
    open,
    condemned,  ///< what comes is not read as SIP any more; the last answer is on its way
    closing,    ///< likewise, and we close behind what is queued
    ended,
  };

  /// `flow`: what its messages come by. `accepted`: the peer opened it.
  Connection(base::ConnectionId id, Connections& home, const base::Flow& flow, bool accepted);

  /// Takes the channel of a socket that is connected, or on its way there.
  void begin(ChannelPtr channel, bool connected);
  /// Queues a SIP message; it goes at the end of the turn, or when it is open.
  void send(const base::WireRef& message, loop::ClientId client);
  /// Sends what is queued.
  void flush();
  /// It is not idle before that time (monotonic ms).
  void keep_until(std::uint64_t time_ms);
  /// Ends it: from now on nothing happens to it any more. `error`: errno, for those who wanted to
  /// send.
  void end(Ending why, int error);

  base::ConnectionId id() const { return flow_.connection; }
  const base::Flow& flow() const { return flow_; }
  bool accepted() const { return accepted_; }
  State state() const { return state_; }
  /// When it counts as idle (monotonic ms) if nothing comes or goes until then.
  std::uint64_t idle_at() const;
  std::size_t waiting() const { return queue_.bytes(); }
  SendQueue& queue() { return queue_; }

 private:
  void on_readable();
  void on_writable();
  void on_connected();
  void connected();
  void advance();
  void opened();
  void fail_handshake(HandshakeError why);
  void wait_writable();
  bool is_setting_up() const { return state_ < State::open; }
  Channel::Read read();
  void work_off(std::string_view bytes, bool ends_message);
  bool take(const Framing::Event& event);
  void queue(const base::WireRef& bytes, loop::ClientId client);
  void condemn(State state, Ending why);
  void wait_for_rest();
  void close_own_side();
  void on_idle();
  void probe();
  void on_late_message();
  void on_stalled();
  void block(bool progress);
  std::uint64_t now() const;

  Connections& home_;
  base::Flow flow_;
  ChannelPtr channel_;  // gone when it has ended
  loop::WatchPtr readable_;
  loop::WatchPtr writable_;  // while it connects, or the channel has no room
  FramingPtr framing_;
  SendQueue queue_;
  std::uint64_t active_at_;       // when bytes came or went last
  std::uint64_t kept_until_ = 0;  // not idle before
  loop::Timer idle_ = loop::Timer::calling<&Connection::on_idle>(this);  // setting up: its timeout
  loop::Timer message_ = loop::Timer::calling<&Connection::on_late_message>(this);
  loop::Timer stalled_ = loop::Timer::calling<&Connection::on_stalled>(this);
  State state_ = State::connecting;
  Ending last_word_ = Ending::bad_input;  // why it is condemned, or closing
  bool accepted_;
  bool dirty_ = false;    // has something to send at the end of the turn
  bool blocked_ = false;  // the channel has no room: waiting to be told that it has
};

}  // namespace opensips::transport
