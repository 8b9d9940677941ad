#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/wire.hh"
#include "l0_transport/channel.hh"
#include "l0_transport/sent_clients.hh"
#include "loop/walk.hh"

namespace opensips::transport {

/// What a connection has to send, in order, and how much of it has gone.
class SendQueue {
 public:
  /// `client` hears of it if the bytes cannot be sent.
  void push(const base::WireRef& wire, loop::ClientId client);

  bool empty() const { return first_ == all_.size(); }
  /// Bytes that wait.
  std::size_t bytes() const { return bytes_; }

  enum class Outcome : std::uint8_t { done, blocked, failed };
  /// Sends as much as the channel takes, many messages in one call. After `failed` errno says why.
  Outcome write(Channel& to);

  /// From now on it knows whose the messages were that have gone: for a channel that says later
  /// which of them did not arrive.
  void remember_sent() { sent_clients_ = std::make_unique<SentClients>(); }
  /// Whose the message with that number was; nothing if it is not known, or not any more.
  std::optional<loop::ClientId> take_sent(std::uint32_t number);

  /// Empties it: the clients of what has not gone whole.
  std::vector<loop::ClientId> take_clients();

 private:
  struct Entry {
    base::WireRef wire;
    loop::ClientId client;
  };

  Channel::Written write_some(Channel& to) const;
  void sent(std::size_t bytes);

  std::unique_ptr<SentClients> sent_clients_;
  std::vector<Entry> all_;  // those before first_ have gone
  std::size_t first_ = 0;
  std::size_t offset_ = 0;  // bytes of the first that have gone
  std::size_t bytes_ = 0;
};

}  // namespace opensips::transport
