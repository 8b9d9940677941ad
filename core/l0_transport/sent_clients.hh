#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "loop/walk.hh"

namespace opensips::transport {

/// Whose the last messages were that a channel took, for one that can say later which of them did
/// not arrive. Messages are numbered from 0 in the order in which they went; the number wraps.
class SentClients {
 public:
  /// The next message was this client's (none: nobody wants to know).
  void add(loop::ClientId client) {
    if (last_.size() < kRemembered) {
      last_.push_back(client);
    } else {
      last_[next_ % kRemembered] = client;
    }
    ++next_;
  }

  /// The client of a message, and none from then on; none either if it is too long ago.
  std::optional<loop::ClientId> take(std::uint32_t number) {
    const std::uint32_t age = next_ - number;  // 1: the last
    if (age == 0 || age > last_.size()) return std::nullopt;
    return std::exchange(last_[number % kRemembered], std::nullopt);
  }

 private:
  // More than the kernel holds for a peer at a time; a power of 2, so that wrapping does no harm.
  static constexpr std::size_t kRemembered = 512;

  std::vector<std::optional<loop::ClientId>> last_;
  std::uint32_t next_ = 0;
};

}  // namespace opensips::transport
