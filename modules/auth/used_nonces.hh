#pragma once

#include <array>
#include <cstdint>

#include "base/fifo_arena.hh"
#include "base/flat_index.hh"
#include "base/guarded.hh"

namespace opensips::auth {

/// Which counts of which nonces have been used, exactly, over all threads: looking and taking a
/// count is one step, so of two requests with the same count one passes. It keeps a nonce from its
/// first good use until it has expired; what is used by nobody who knows a password takes no room.
/// Sharded: threads meet only over nonces of one shard, and briefly. Any thread.
class UsedNonces {
 public:
  enum class Outcome : std::uint8_t {
    fresh,
    replayed,  ///< that count has been used, or is too far behind the highest to know
    full,      ///< there is no room for another nonce: the client has to ask for a new one later
  };
  /// So far a count may be behind the highest one of its nonce: requests overtake one another.
  static constexpr std::uint32_t kWindow = 128;

  /// `capacity`: the most nonces at a time, give or take how evenly they fall into the shards.
  UsedNonces(std::size_t capacity, std::uint64_t lifetime_ms);

  /// Takes a count of a nonce. `now_ms` is monotonic.
  Outcome use(std::uint64_t nonce, std::uint32_t count, std::uint64_t now_ms);

  /// Nonces that are kept, those that have expired but are not yet cleared away too.
  std::size_t size() const;

 private:
  static constexpr unsigned kShardBits = 4;
  static constexpr std::size_t kShards = std::size_t{1} << kShardBits;

  struct Entry {
    std::uint64_t key;  ///< of its nonce: another has another
    std::uint64_t ends_at;
    std::uint32_t highest = 0;
    std::array<std::uint64_t, kWindow / 64> used{};  // by count modulo kWindow

    bool take(std::uint32_t count);
  };
  /// In the order in which they came they also end.
  struct alignas(64) Shard {
    base::FlatIndex<Entry> entries{16};
    base::FifoArena by_age;

    void clear_away(std::uint64_t now_ms);
  };

  std::uint64_t key_of(std::uint64_t nonce) const;

  const std::uint64_t multiplier_;  // odd; nobody else knows it
  const std::size_t shard_capacity_;
  const std::uint64_t lifetime_ms_;
  std::array<base::Guarded<Shard>, kShards> shards_;
};

}  // namespace opensips::auth
