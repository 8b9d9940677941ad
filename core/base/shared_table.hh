#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/guarded.hh"
#include "base/siphash.hh"

namespace opensips::base {

/// The memory that several tables may take together. Any thread.
class MemoryBudget {
 public:
  explicit MemoryBudget(std::size_t bytes) : limit_(bytes) {}

  /// False, and nothing is taken, if there is not so much left.
  bool take(std::size_t bytes) {
    if (used_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= limit_) return true;
    give_back(bytes);
    return false;
  }
  void give_back(std::size_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }
  std::size_t used() const { return used_.load(std::memory_order_relaxed); }

 private:
  const std::size_t limit_;
  std::atomic<std::size_t> used_ = 0;
};

/// Small values by name that all threads share, each for as long as it was said. Every operation is
/// one step, whoever else is at the same name. Sharded: threads meet only over names of one shard,
/// and briefly. Times are milliseconds of the monotonic clock; threads need not agree on it to the
/// millisecond. Any thread.
class SharedTable {
 public:
  using Value = std::variant<bool, std::int64_t, double, std::string>;
  static constexpr std::uint64_t kForever = UINT64_MAX;

  /// The budget outlives the table.
  explicit SharedTable(MemoryBudget& budget) : budget_(budget) {}
  ~SharedTable();

  std::optional<Value> get(std::string_view name, std::uint64_t now_ms) const;

  enum class Outcome : std::uint8_t {
    done,
    refused,  ///< what is there is not what was expected; or the count would pass its limit
    full,     ///< the budget is used up
  };

  /// Until `ends_at`.
  Outcome set(std::string_view name, Value value, std::uint64_t ends_at, std::uint64_t now_ms);
  /// The same if what is there is equal to `expected`; none: if nothing is there.
  Outcome compare_and_set(std::string_view name, const std::optional<Value>& expected, Value value,
                          std::uint64_t ends_at, std::uint64_t now_ms);
  /// Whether there was something to take away.
  bool remove(std::string_view name, std::uint64_t now_ms);

  struct Count {
    Outcome outcome;
    std::int64_t value;  ///< after it; of one refused, as it stays
  };
  /// Adds to a number, which begins at 0, and lasts until `ends_at` of its first addition. Refused
  /// above `most`, below the least number there is, and for what is no whole number.
  Count add(std::string_view name, std::int64_t by, std::int64_t most, std::uint64_t ends_at,
            std::uint64_t now_ms);

  /// Entries, some of those that are over too.
  std::size_t size() const;
  /// Names that begin so, `most` at most, in no order.
  std::vector<std::string> names(std::string_view prefix, std::size_t most,
                                 std::uint64_t now_ms) const;

 private:
  static constexpr unsigned kShardBits = 6;
  static constexpr std::size_t kShards = std::size_t{1} << kShardBits;
  static constexpr std::size_t kOverhead = 160;  // of an entry beyond its texts, about

  struct Entry {
    Value value;
    std::uint64_t ends_at;
  };
  using Entries = std::map<std::string, Entry, std::less<>>;
  struct alignas(64) Shard {
    Entries entries;
    std::set<std::pair<std::uint64_t, std::string_view>> by_end;  // those that end
  };

  static std::size_t size_of(std::string_view name, const Value& value);
  Guarded<Shard>& shard_of(std::string_view name);
  const Guarded<Shard>& shard_of(std::string_view name) const;
  Entries::iterator find(Shard& shard, std::string_view name, std::uint64_t now_ms) const;
  void clear_away(Shard& shard, std::uint64_t now_ms) const;
  void erase(Shard& shard, Entries::iterator entry) const;
  Outcome put(Shard& shard, std::string_view name, Value value, std::uint64_t ends_at) const;

  const SipKey key_ = SipKey::random();
  MemoryBudget& budget_;
  std::array<Guarded<Shard>, kShards> shards_;
};

}  // namespace opensips::base
