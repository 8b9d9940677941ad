#include "base/counter_table.hh"

#include <algorithm>

namespace opensips::base {

namespace {

constexpr unsigned kClearedAtOnce = 4;  // more than come in, so that what is over goes

}  // namespace

CounterTable::CounterTable(std::size_t capacity, std::uint64_t window_ms)
    : shard_capacity_(std::max<std::size_t>(1, (capacity + kShards - 1) / kShards)),
      window_ms_(window_ms) {}

void CounterTable::Shard::clear_away(std::uint64_t now_ms) {
  for (unsigned i = 0; i < kClearedAtOnce && !by_age.empty(); ++i) {
    const Entry& oldest = by_age.front();
    if (!is_over(oldest, now_ms)) return;
    entries.erase(entries.find(*oldest.key));
  }
}

CounterTable::Entry* CounterTable::Shard::insert(const Probe& probe, std::size_t capacity) {
  if (entries.size() >= capacity) return nullptr;
  const auto [place, fresh] = entries.try_emplace(Key{probe.hash, std::string(probe.text)});
  place->second.key = &place->first;
  by_age.push_back(place->second);
  return &place->second;
}

CounterTable::Result CounterTable::add(std::string_view key, std::uint64_t limit,
                                       std::uint64_t now_ms, std::uint64_t by) {
  const auto wanted = probe(key);
  auto shard = shards_[shard_of(wanted)].lock();
  const auto found = shard->entries.find(wanted);
  Entry* entry = found == shard->entries.end() ? nullptr : &found->second;
  if (entry && !is_over(*entry, now_ms)) {
    if (by > limit || entry->count > limit - by) return {Outcome::limited, entry->count};
    entry->count += by;
    return {Outcome::granted, entry->count};
  }
  if (by > limit) return {Outcome::limited, 0};
  if (entry) {
    entry->unlink();
    shard->by_age.push_back(*entry);
  } else {
    shard->clear_away(now_ms);
    entry = shard->insert(wanted, shard_capacity_);
    if (!entry) return {Outcome::full, 0};
  }
  entry->count = by;
  if (window_ms_ > 0) entry->ends_at = now_ms + window_ms_;
  return {Outcome::granted, by};
}

void CounterTable::subtract(std::string_view key, std::uint64_t by) {
  const auto wanted = probe(key);
  auto shard = shards_[shard_of(wanted)].lock();
  const auto found = shard->entries.find(wanted);
  if (found == shard->entries.end()) return;
  auto& count = found->second.count;
  count -= std::min(count, by);
  if (count == 0) shard->entries.erase(found);
}

std::uint64_t CounterTable::count(std::string_view key, std::uint64_t now_ms) const {
  const auto wanted = probe(key);
  const auto shard = shards_[shard_of(wanted)].lock();
  const auto found = shard->entries.find(wanted);
  return found == shard->entries.end() || is_over(found->second, now_ms) ? 0 : found->second.count;
}

std::size_t CounterTable::size() const {
  std::size_t all = 0;
  for (const auto& shard : shards_) all += shard.lock()->entries.size();
  return all;
}

}  // namespace opensips::base
