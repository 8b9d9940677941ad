#include "base/shared_table.hh"

namespace opensips::base {

SharedTable::~SharedTable() {
  for (auto& one : shards_) {
    const auto shard = one.lock();
    while (!shard->entries.empty()) erase(*shard, shard->entries.begin());
  }
}

std::size_t SharedTable::size_of(std::string_view name, const Value& value) {
  const auto* const text = std::get_if<std::string>(&value);
  return kOverhead + name.size() + (text ? text->size() : 0);
}

Guarded<SharedTable::Shard>& SharedTable::shard_of(std::string_view name) {
  return shards_[table_hash(key_, name) >> (64 - kShardBits)];
}
const Guarded<SharedTable::Shard>& SharedTable::shard_of(std::string_view name) const {
  return shards_[table_hash(key_, name) >> (64 - kShardBits)];
}

void SharedTable::erase(Shard& shard, Entries::iterator entry) const {
  budget_.give_back(size_of(entry->first, entry->second.value));
  shard.by_end.erase({entry->second.ends_at, entry->first});
  shard.entries.erase(entry);
}

void SharedTable::clear_away(Shard& shard, std::uint64_t now_ms) const {
  while (!shard.by_end.empty() && shard.by_end.begin()->first <= now_ms) {
    erase(shard, shard.entries.find(shard.by_end.begin()->second));
  }
}

/// The entry, unless it is over: then it is taken away with the others that are.
SharedTable::Entries::iterator SharedTable::find(Shard& shard, std::string_view name,
                                                 std::uint64_t now_ms) const {
  clear_away(shard, now_ms);
  return shard.entries.find(name);
}

SharedTable::Outcome SharedTable::put(Shard& shard, std::string_view name, Value value,
                                      std::uint64_t ends_at) const {
  if (!budget_.take(size_of(name, value))) return Outcome::full;
  if (const auto old = shard.entries.find(name); old != shard.entries.end()) erase(shard, old);
  const auto made = shard.entries.emplace(name, Entry{std::move(value), ends_at}).first;
  if (ends_at != kForever) shard.by_end.emplace(ends_at, made->first);
  return Outcome::done;
}

std::optional<SharedTable::Value> SharedTable::get(std::string_view name,
                                                   std::uint64_t now_ms) const {
  const auto shard = shard_of(name).lock();
  const auto found = shard->entries.find(name);
  if (found == shard->entries.end() || found->second.ends_at <= now_ms) return std::nullopt;
  return found->second.value;
}

SharedTable::Outcome SharedTable::set(std::string_view name, Value value, std::uint64_t ends_at,
                                      std::uint64_t now_ms) {
  const auto shard = shard_of(name).lock();
  clear_away(*shard, now_ms);
  return put(*shard, name, std::move(value), ends_at);
}

SharedTable::Outcome SharedTable::compare_and_set(std::string_view name,
                                                  const std::optional<Value>& expected, Value value,
                                                  std::uint64_t ends_at, std::uint64_t now_ms) {
  const auto shard = shard_of(name).lock();
  const auto found = find(*shard, name, now_ms);
  const bool is_there = found != shard->entries.end();
  if (is_there != expected.has_value() || (is_there && found->second.value != *expected)) {
    return Outcome::refused;
  }
  return put(*shard, name, std::move(value), ends_at);
}

bool SharedTable::remove(std::string_view name, std::uint64_t now_ms) {
  const auto shard = shard_of(name).lock();
  const auto found = find(*shard, name, now_ms);
  if (found == shard->entries.end()) return false;
  erase(*shard, found);
  return true;
}

SharedTable::Count SharedTable::add(std::string_view name, std::int64_t by, std::int64_t most,
                                    std::uint64_t ends_at, std::uint64_t now_ms) {
  const auto shard = shard_of(name).lock();
  const auto found = find(*shard, name, now_ms);
  const bool is_there = found != shard->entries.end();
  auto* const number = is_there ? std::get_if<std::int64_t>(&found->second.value) : nullptr;
  if (is_there && !number) return {Outcome::refused, 0};
  const std::int64_t before = number ? *number : 0;
  std::int64_t after = 0;
  if (__builtin_add_overflow(before, by, &after) || (by > 0 && after > most)) {
    return {Outcome::refused, before};
  }
  if (number) {
    *number = after;
    return {Outcome::done, after};
  }
  return {put(*shard, name, after, ends_at), after};
}

std::size_t SharedTable::size() const {
  std::size_t sum = 0;
  for (const auto& one : shards_) sum += one.lock()->entries.size();
  return sum;
}

std::vector<std::string> SharedTable::names(std::string_view prefix, std::size_t most,
                                            std::uint64_t now_ms) const {
  std::vector<std::string> all;
  for (const auto& one : shards_) {
    const auto shard = one.lock();
    for (auto at = shard->entries.lower_bound(prefix);
         at != shard->entries.end() && at->first.starts_with(prefix) && all.size() < most; ++at) {
      if (at->second.ends_at > now_ms) all.push_back(at->first);
    }
  }
  return all;
}

}  // namespace opensips::base
