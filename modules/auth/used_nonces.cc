#include "auth/used_nonces.hh"

#include <algorithm>

namespace opensips::auth {
namespace {

constexpr unsigned kClearedAtOnce = 4;  // more than come in, so that what is over goes

/// Nonces are numbered one after the other: the multiplication spreads them over the shards.
std::size_t shard_of(std::uint64_t nonce, unsigned bits) {
  return (nonce * 0x9e3779b97f4a7c15) >> (64 - bits);
}

}  // namespace

UsedNonces::UsedNonces(std::size_t capacity, std::uint64_t lifetime_ms)
    : shard_capacity_(std::max<std::size_t>(1, (capacity + kShards - 1) / kShards)),
      lifetime_ms_(lifetime_ms) {}

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
  for (unsigned i = 0; i < kClearedAtOnce && !by_age.empty(); ++i) {
    const Entry& oldest = by_age.front();
    if (oldest.ends_at > now_ms) return;
    entries.erase(entries.find(oldest.nonce));
  }
}

UsedNonces::Outcome UsedNonces::use(std::uint64_t nonce, std::uint32_t count,
                                    std::uint64_t now_ms) {
  auto shard = shards_[shard_of(nonce, kShardBits)].lock();
  shard->clear_away(now_ms);
  auto found = shard->entries.find(nonce);
  if (found == shard->entries.end()) {
    if (shard->entries.size() >= shard_capacity_) return Outcome::full;
    found = shard->entries.try_emplace(nonce).first;
    Entry& entry = found->second;
    entry.nonce = nonce;
    entry.ends_at = now_ms + lifetime_ms_;
    shard->by_age.push_back(entry);
  }
  return found->second.take(count) ? Outcome::fresh : Outcome::replayed;
}

std::size_t UsedNonces::size() const {
  std::size_t all = 0;
  for (const auto& shard : shards_) all += shard.lock()->entries.size();
  return all;
}

}  // namespace opensips::auth
