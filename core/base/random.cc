#include "base/random.hh"

#include <openssl/rand.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <random>

#include "base/guarded.hh"

namespace opensips::base {
namespace {

std::atomic<bool> is_seeded = false;

Guarded<std::mt19937_64>& generator() {
  static Guarded<std::mt19937_64> only;
  return only;
}

}  // namespace

void seed_random(std::optional<std::uint64_t> seed) {
  if (seed) generator().lock()->seed(*seed);
  is_seeded.store(seed.has_value(), std::memory_order_release);
}

bool draw_seeded(void* to, std::size_t size) {
  if (!is_seeded.load(std::memory_order_acquire)) return false;
  auto random = generator().lock();
  for (auto* at = static_cast<unsigned char*>(to); size > 0;) {
    const std::uint64_t word = (*random)();
    const std::size_t part = std::min(size, sizeof word);
    std::memcpy(at, &word, part);
    at += part;
    size -= part;
  }
  return true;
}

void fill_random(void* to, std::size_t size) {
  if (draw_seeded(to, size)) return;
  static_cast<void>(RAND_bytes(static_cast<unsigned char*>(to), static_cast<int>(size)));
}

}  // namespace opensips::base
