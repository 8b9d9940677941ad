#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "base/address.hh"
#include "base/flow.hh"
#include "base/guarded.hh"
#include "base/siphash.hh"

namespace opensips::transport {

/// The servers that did not answer, or said that they cannot (503), and until when others are tried
/// before them. Shared by all workers: what one has found out the others need not. Any thread;
/// times are milliseconds of the monotonic clock.
class FailedTargets {
 public:
  /// For `duration_ms` from `now`; a longer time that it had before stays.
  void add(const base::Flow& target, std::uint64_t now, std::uint64_t duration_ms);
  bool contains(const base::Flow& target, std::uint64_t now) const;
  void clear();

  /// Calls `visit(transport, peer, milliseconds left)` for each.
  template <class Visit>
  void for_each(std::uint64_t now, Visit&& visit) const {
    const auto state = all_.lock();
    for (const auto& [key, until] : *state) {
      if (until > now) visit(key.transport, key.peer, until - now);
    }
  }

 private:
  struct Key {
    base::Address peer;
    base::Transport transport;
    friend bool operator==(const Key&, const Key&) = default;
  };
  class Hash {
   public:
    Hash() : key_(base::SipKey::random()) {}
    std::size_t operator()(const Key& of) const {
      return base::table_hash(key_, of.peer.host_bytes()) + of.peer.port();
    }

   private:
    base::SipKey key_;
  };
  using All = std::unordered_map<Key, std::uint64_t, Hash>;

  base::Guarded<All> all_;
  std::atomic<std::size_t> size_ = 0;  // usually 0: then nobody takes the lock
};

}  // namespace opensips::transport
