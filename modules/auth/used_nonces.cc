#include "auth/used_nonces.hh"

#include <algorithm>
#include <new>
#include <type_traits>

#include "base/siphash.hh"

namespace opensips::auth {
namespace {

constexpr unsigned kClearedAtOnce = 4;  // more than come in, so that what is over goes

/// The highest bits of a key; an index looks at the lowest.
std::size_t shard_of(std::uint64_t key, unsigned bits) {
  return key >> (64 - bits);
}

}  // namespace

UsedNonces::UsedNonces(std::size_t capacity, std::uint64_t lifetime_ms)
    : multiplier_(base::SipKey::random().k0 | 1),
      shard_capacity_(std::max<std::size_t>(1, (capacity + kShards - 1) / kShards)),
      lifetime_ms_(lifetime_ms) {}

/// Nonces are numbered one after the other. The multiplication spreads them, best in the highest
/// bits, and the shift brings those to the lowest. Each number has a key of its own: both steps can
/// be undone.
std::uint64_t UsedNonces::key_of(std::uint64_t nonce) const {
  const std::uint64_t product = nonce * multiplier_;
  return product ^ product >> 32;
}

/// False if the count has been used.
bool UsedNonces::Entry::take(std::uint32_t count) {
  const auto word_of = [this](std::uint32_t of) -> std::uint64_t& {
    return used[of % kWindow / 64];
  };
  const auto bit_of = [](std::uint32_t of) { return std::uint64_t{1} << of % 64; };
  if (count > highest) {
    // What moves into the window takes the places of what has left it.
    const auto moved = std::min(count - highest, kWindow);
    for (std::uint32_t i = 1; i <= moved; ++i) word_of(highest + i) &= ~bit_of(highest + i);
    highest = count;
  } else if (highest - count >= kWindow || (word_of(count) & bit_of(count)) != 0) {
    return false;
  }
  word_of(count) |= bit_of(count);
  return true;
}

void UsedNonces::Shard::clear_away(std::uint64_t now_ms) {
  for (unsigned i = 0; i < kClearedAtOnce; ++i) {
    const auto* const oldest = static_cast<const Entry*>(by_age.front());
    if (!oldest || oldest->ends_at > now_ms) return;
    entries.erase(oldest->key, *oldest);
    by_age.pop_front();
  }
}

UsedNonces::Outcome UsedNonces::use(std::uint64_t nonce, std::uint32_t count,
                                    std::uint64_t now_ms) {
  static_assert(std::is_trivially_destructible_v<Entry>);
  const auto key = key_of(nonce);
  auto shard = shards_[shard_of(key, kShardBits)].lock();
  shard->clear_away(now_ms);
  Entry* entry = shard->entries.find(key);
  if (!entry) {
    if (shard->entries.size() >= shard_capacity_) return Outcome::full;
    entry = new (shard->by_age.push_back(sizeof(Entry)))
        Entry{.key = key, .ends_at = now_ms + lifetime_ms_};
    shard->entries.insert(key, *entry);
  }
  return entry->take(count) ? Outcome::fresh : Outcome::replayed;
}

std::size_t UsedNonces::size() const {
  std::size_t all = 0;
  for (const auto& shard : shards_) all += shard.lock()->entries.size();
  return all;
}

}  // namespace opensips::auth
