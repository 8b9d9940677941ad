#pragma once

#include <array>
#include <atomic>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.hh"

namespace opensips::base {

enum class StatKind : std::uint8_t {
  counter,   ///< only grows; can be reset
  gauge,     ///< how many there are now
  function,  ///< asked for when it is read
};

/// What one adds to: the place of a counter or gauge in every StatsBlock. One that was not
/// registered is harmless: what is added to it is never read.
class Counter {
 public:
  Counter() = default;

 private:
  friend class StatsBlock;
  friend class Stats;
  explicit Counter(std::size_t index) : index_(static_cast<std::uint32_t>(index)) {}
  std::uint32_t index_ = 0;
};

/// One thread's share of all counters and gauges. Only that thread writes, so that it needs no
/// locked instruction; any thread reads, through Stats. A share of a gauge may be negative (a thing
/// made on one worker and gone on another): only the sum counts.
class alignas(64) StatsBlock {
 public:
  static constexpr std::size_t kCapacity = 2048;

  void add(Counter counter, std::uint64_t by = 1) {
    std::atomic<std::uint64_t>& value = values_[counter.index_];
    value.store(value.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }
  void subtract(Counter gauge, std::uint64_t by = 1) { add(gauge, -by); }

 private:
  friend class Stats;
  std::array<std::atomic<std::uint64_t>, kCapacity> values_{};
};

/// One statistic as management sees it.
struct Stat {
  std::string name;  // "group:name", as "tm:UAS_transactions"
  StatKind kind;
  std::uint64_t value;
};

/// The statistics of the process: who registers them, who reads them, who resets them. Any thread.
/// What is registered stays for good.
class Stats {
 public:
  /// Registers "group:name". A name registered again gives the same place, so that each worker's
  /// instance of a layer may simply ask; with another kind it is an error of ours.
  Counter counter(std::string_view name) { return place(name, StatKind::counter); }
  Counter gauge(std::string_view name) { return place(name, StatKind::gauge); }

  /// `read` is called by whoever reads the statistic, on any thread.
  void function(std::string_view name, std::function<std::uint64_t()> read);

  /// The share of another thread; it lives as long as the Stats.
  StatsBlock& new_block();

  /// `what` as operators write it: "all", a group "tm:", a name "tm:UAS_transactions", or a name
  /// without its group, then the first registered of that name. In the order of registration.
  std::vector<Stat> read(std::string_view what) const;

  /// The value of one name.
  std::optional<std::uint64_t> value(std::string_view name) const;

  /// Counts the counters among `what` from zero again; gauges and functions stay. The shares are
  /// not touched: reading subtracts. Returns how many were reset.
  std::size_t reset(std::string_view what);

 private:
  struct Entry {
    std::string name;
    StatKind kind;
    std::size_t index;   // in the blocks
    std::uint64_t base;  // the sum at the last reset
    std::function<std::uint64_t()> read;
  };
  struct State {
    std::deque<Entry> entries;  // a deque: an entry stays where it is
    std::vector<std::unique_ptr<StatsBlock>> blocks;

    std::vector<const Entry*> select(std::string_view what) const;
    std::uint64_t sum(const Entry& entry) const;
  };

  Counter place(std::string_view name, StatKind kind);

  Guarded<State> state_;
};

}  // namespace opensips::base
