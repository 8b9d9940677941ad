#pragma once

#include <cstdint>
#include <string_view>

namespace opensips::loop {

/// The hash that spreads calls over workers. Unlike SipHash it is simple enough for the kernel's
/// packet filter to compute (l0_transport/steering), and its key is as secret: who does not know it
/// cannot aim at one worker. Tables, where a collision costs more, have SipHash.
struct OwnerHash {
  std::uint32_t seed;
  std::uint32_t multiplier;  ///< odd

  static OwnerHash random();

  static constexpr unsigned kMixShift = 15;
  static constexpr unsigned kShift = 16;  ///< the high bits are the good ones
  std::uint32_t operator()(std::string_view text) const {
    std::uint32_t hash = seed;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * multiplier;
    return ((hash ^ hash >> kMixShift) * multiplier) >> kShift;
  }
};

/// Which worker a call belongs to: the Call-ID's keyed hash names it, so that every message of a
/// call is handled by one thread. The key is random per process. Any thread.
class Owners {
 public:
  explicit Owners(unsigned workers) : workers_(workers), hash_(OwnerHash::random()) {}

  unsigned owner_of(std::string_view call_id) const {
    return workers_ == 1 ? 0 : hash_(call_id) % workers_;
  }
  unsigned workers() const { return workers_; }
  const OwnerHash& hash() const { return hash_; }

 private:
  unsigned workers_;
  OwnerHash hash_;
};

}  // namespace opensips::loop
