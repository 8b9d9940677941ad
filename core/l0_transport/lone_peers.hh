#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "base/address.hh"

namespace opensips::transport {

/// Peers to whom datagrams go one by one for some time, because the kernel refused a group or a
/// host could not be reached: what is said of a group then, is said once and of its first. Of many
/// at a time the older ones may be forgotten. Milliseconds of the monotonic clock. One worker.
class LonePeers {
 public:
  static constexpr std::uint64_t kTime = 32'000;  ///< a transaction's: it may be sent that long

  void add(const base::Address& peer, std::uint64_t now) {
    last_until_ = now + kTime;
    place(peer) = {peer, last_until_};
  }
  bool contains(const base::Address& peer, std::uint64_t now) {
    if (now >= last_until_) return false;
    const auto& one = place(peer);
    return now < one.until && one.peer == peer;
  }

 private:
  struct Peer {
    base::Address peer;
    std::uint64_t until = 0;
  };
  Peer& place(const base::Address& peer) {
    const auto hash = std::hash<std::string_view>{}(peer.host_bytes()) + peer.port();
    return peers_[hash % peers_.size()];
  }

  std::uint64_t last_until_ = 0;
  std::array<Peer, 64> peers_;
};

}  // namespace opensips::transport
