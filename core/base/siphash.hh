#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace opensips::base {

/// The secret of a SipHash: who does not know it cannot choose inputs that collide.
struct SipKey {
  std::uint64_t k0 = 0;
  std::uint64_t k1 = 0;

  /// A key of this process from the kernel's generator. There is no running without one: a kernel
  /// that cannot give it ends the process.
  static SipKey random();
};

/// SipHash-2-4 with 64 bits of output (Aumasson and Bernstein, 2012): for what others get to see,
/// and for MACs. The value is the same on every machine. Any thread.
std::uint64_t siphash(const SipKey& key, std::string_view bytes);
std::uint64_t siphash(const SipKey& key, std::span<const std::byte> bytes);

/// SipHash-1-3, half the work: for tables whose keys come from the network. Nobody sees its value.
std::uint64_t table_hash(const SipKey& key, std::string_view bytes);

/// The same hashes of bytes that come in pieces: `finish()` gives what the functions above give for
/// their concatenation, wherever the cuts are. A hasher is used once. `kRounds`: for each word; two
/// more than that end it.
template <unsigned kRounds>
class BasicSipHasher {
 public:
  explicit BasicSipHasher(const SipKey& key);

  BasicSipHasher& update(std::string_view bytes) {
    if (bytes.size() > sizeof buffer_ - held_) return update_long(bytes);
    if (!bytes.empty()) std::memcpy(buffer_ + held_, bytes.data(), bytes.size());
    held_ += bytes.size();
    return *this;
  }

  /// The value. Nothing may be added after it.
  [[nodiscard]] std::uint64_t finish();

 private:
  BasicSipHasher& update_long(std::string_view bytes);

  std::uint64_t v0_, v1_, v2_, v3_;
  std::uint64_t length_ = 0;  // of what has left the buffer: whole words
  std::size_t held_ = 0;      // bytes in the buffer
  char buffer_[128];          // pieces are short, and cost less together
};

using SipHasher = BasicSipHasher<2>;
using TableHasher = BasicSipHasher<1>;

}  // namespace opensips::base
