#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/guarded.hh"
#include "base/intrusive_list.hh"
#include "base/siphash.hh"

namespace opensips::base {

/// Exact counts by key that all threads share: how often something was done within a time, or how
/// many there are at a time. Asking and counting are one step, so that a limit holds whoever else
/// counts. Sharded: threads meet only over keys of one shard, and briefly. The hash is keyed,
/// since the keys may come from the network. Any thread.
class CounterTable {
 public:
  enum class Outcome : std::uint8_t {
    granted,
    limited,  ///< the count would exceed the limit
    full,     ///< there is no room for another key: the caller decides what that means
  };
  struct Result {
    Outcome outcome;
    std::uint64_t count;  ///< of the key, after the call; 0 if the table is full
  };

  static constexpr std::uint64_t kNoLimit = UINT64_MAX;

  /// `capacity`: the most keys at a time, give or take how evenly they fall into the shards.
  /// `window_ms`: a count is over, and begins anew at the next addition, so long after its first
  /// one; 0: it lasts until it has been taken back.
  CounterTable(std::size_t capacity, std::uint64_t window_ms);

  /// Counts `by` more unless the count were then above `limit`. `now_ms` is monotonic; threads need
  /// not agree on it to the millisecond.
  Result add(std::string_view key, std::uint64_t limit, std::uint64_t now_ms, std::uint64_t by = 1);
  /// Takes back what was granted; a key at zero is forgotten. Harmless for one that is not there.
  void subtract(std::string_view key, std::uint64_t by = 1);

  std::uint64_t count(std::string_view key, std::uint64_t now_ms) const;
  /// Keys that are kept, those that are over but not yet cleared away too.
  std::size_t size() const;

  /// Calls `visit(key, count)` for each that is not over, a shard locked at a time: it must not
  /// come back to the table.
  template <class Visit>
  void for_each(std::uint64_t now_ms, Visit&& visit) const {
    for (const auto& shard : shards_) {
      const auto access = shard.lock();
      for (const auto& [key, entry] : access->entries) {
        if (!is_over(entry, now_ms)) visit(std::string_view(key.text), entry.count);
      }
    }
  }

 private:
  static constexpr unsigned kShardBits = 6;
  static constexpr std::size_t kShards = std::size_t{1} << kShardBits;

  struct Key {
    std::uint64_t hash;
    std::string text;
  };
  /// A key that is looked for: nothing is copied.
  struct Probe {
    std::uint64_t hash;
    std::string_view text;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(const Key& key) const { return key.hash; }
    std::size_t operator()(const Probe& key) const { return key.hash; }
  };
  struct Equal {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return a.hash == b.hash && std::string_view(a.text) == std::string_view(b.text);
    }
  };
  struct Entry : ListHook<> {
    const Key* key = nullptr;
    std::uint64_t count = 0;
    std::uint64_t ends_at = UINT64_MAX;
  };
  /// All counts last equally long: in the order in which they began they also end.
  struct alignas(64) Shard {
    std::unordered_map<Key, Entry, Hash, Equal> entries;
    IntrusiveList<Entry> by_age;

    void clear_away(std::uint64_t now_ms);
    Entry* insert(const Probe& probe, std::size_t capacity);
  };

  static bool is_over(const Entry& entry, std::uint64_t now_ms) { return entry.ends_at <= now_ms; }
  Probe probe(std::string_view key) const { return {table_hash(key_, key), key}; }
  static std::size_t shard_of(const Probe& probe) { return probe.hash >> (64 - kShardBits); }

  const SipKey key_ = SipKey::random();
  const std::size_t shard_capacity_;
  const std::uint64_t window_ms_;
  std::array<Guarded<Shard>, kShards> shards_;
};

}  // namespace opensips::base
