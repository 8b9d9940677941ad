#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

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
  bad_input,       ///< what came cannot be framed
  slow_message,    ///< a message that began did not become whole in time
  slow_reader,     ///< the peer does not read what waits for it
  command,         ///< the operator wants it so
  no_pong,         ///< a probe was not answered
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
    half_closed,  ///< the peer sends no more, and answers are on their way to it
    condemned,    ///< what comes is not read as SIP any more; the last answer is on its way
    closing,      ///< likewise, and we close behind what is queued
    ended,
  };

  /// `flow`: what its messages come by. `accepted`: the peer opened it.
  Connection(base::ConnectionId id, Connections& home, const base::Flow& flow, bool accepted);

  /// Takes the channel of a socket that is connected, or on its way there.
  void begin(ChannelPtr channel, bool connected);
  /// Queues a SIP message that is to go to `to`; it goes at the end of the turn, or when it is
  /// open.
  void send(const base::WireRef& message, const base::Flow& to, loop::ClientId client);
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
  /// False if it was called before.
  bool lose() { return !std::exchange(lost_, true); }
  /// A request may go over it: what is answered comes back by it.
  bool takes_requests() const { return state_ <= State::open; }

  /// The other address of its peer that it leads to (RFC 5923), if the peer gave one.
  const base::Address& alias() const { return alias_; }
  /// Workers whose client transactions have sent over it: a bit each, by their indices modulo 64.
  std::uint64_t users() const { return users_; }

  /// For the operator: when it began (monotonic ms), and bytes so far.
  std::uint64_t began_at() const { return began_at_; }
  std::uint64_t received() const { return received_; }
  std::uint64_t sent() const { return sent_; }

  /// Bytes, and where they were to go.
  struct Unconfirmed {
    base::WireRef wire;
    base::Flow to;
  };
  /// Answers that may not have reached a peer that had closed the whole of the connection.
  std::vector<Unconfirmed> take_unconfirmed() { return std::exchange(unconfirmed_, {}); }

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
  void take_message(std::string_view message);
  void queue(const base::WireRef& bytes, loop::ClientId client);
  void note(const base::WireRef& message, const base::Flow& to, loop::ClientId client);
  void on_peer_closed();
  void check_half_closed();
  void condemn(State state, Ending why);
  void wait_for_rest();
  void on_idle();
  void on_quiet();
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
  std::uint64_t heard_at_;        // when bytes came last
  std::uint64_t began_at_;
  std::uint64_t received_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t users_ = 0;
  std::vector<Unconfirmed> unconfirmed_;
  base::Address alias_;
  loop::Timer idle_ = loop::Timer::calling<&Connection::on_idle>(this);  // setting up: its timeout
  loop::Timer message_ = loop::Timer::calling<&Connection::on_late_message>(this);
  loop::Timer stalled_ = loop::Timer::calling<&Connection::on_stalled>(this);
  loop::Timer probe_ = loop::Timer::calling<&Connection::on_quiet>(this);
  std::uint32_t owed_ = 0;  // requests that came and have no final answer yet
  State state_ = State::connecting;
  Ending last_word_ = Ending::bad_input;  // why it is condemned, or closing
  bool accepted_;
  bool probed_ = false;   // since then nothing has come
  bool lost_ = false;     // others know that nothing comes by it any more
  bool dirty_ = false;    // has something to send at the end of the turn
  bool blocked_ = false;  // the channel has no room: waiting to be told that it has
};

}  // namespace opensips::transport
