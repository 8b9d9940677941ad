#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/wire.hh"
#include "l0_transport/channel.hh"
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

  /// Empties it: the clients of what has not gone whole.
  std::vector<loop::ClientId> take_clients();

 private:
  struct Entry {
    base::WireRef wire;
    loop::ClientId client;
  };

  Channel::Written write_some(Channel& to) const;
  void sent(std::size_t bytes);

  std::vector<Entry> all_;  // those before first_ have gone
  std::size_t first_ = 0;
  std::size_t offset_ = 0;  // bytes of the first that have gone
  std::size_t bytes_ = 0;
};

}  // namespace opensips::transport
