#include "base/siphash.hh"

#include <sys/random.h>

#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/random.hh"

namespace opensips::base {
namespace {

template <class Word>
std::uint64_t little_endian(const char* at) {
  Word word;
  std::memcpy(&word, at, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = std::byteswap(word);
  return word;
}

template <unsigned kRounds>
struct State {
  std::uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1;
    v2 += v3;
    v1 = std::rotl(v1, 13) ^ v0;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 = std::rotl(v0, 32);
    v2 += v1;
    v0 += v3;
    v1 = std::rotl(v1, 17) ^ v2;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 = std::rotl(v2, 32);
  }

  template <unsigned kCount>
  void rounds() {
    round();
    if constexpr (kCount > 1) rounds<kCount - 1>();
  }

  void compress(std::uint64_t word) {
    v3 ^= word;
    rounds<kRounds>();
    v0 ^= word;
  }

  /// As many as there are; how many bytes that was.
  std::size_t compress_words(std::string_view bytes) {
    std::size_t at = 0;
    for (; bytes.size() - at >= 8; at += 8) {
      compress(little_endian<std::uint64_t>(bytes.data() + at));
    }
    return at;
  }

  std::uint64_t finalize() {
    v2 ^= 0xff;
    rounds<kRounds + 2>();
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

template <unsigned kRounds>
State<kRounds> initial(const SipKey& key) {
  return {key.k0 ^ 0x736f6d6570736575, key.k1 ^ 0x646f72616e646f6d, key.k0 ^ 0x6c7967656e657261,
          key.k1 ^ 0x7465646279746573};
}

/// The last `count` (0 to 7) bytes before `end`, the first of them lowest.
std::uint64_t short_word(const char* end, std::size_t count) {
  const char* at = end - count;
  std::uint64_t word = 0;
  unsigned shift = 0;
  if (count & 4) {
    word = little_endian<std::uint32_t>(at);
    at += 4;
    shift = 32;
  }
  if (count & 2) {
    word |= little_endian<std::uint16_t>(at) << shift;
    at += 2;
    shift += 16;
  }
  if (count & 1) word |= little_endian<std::uint8_t>(at) << shift;
  return word;
}

/// The last bytes of `length` in all.
template <unsigned kRounds>
std::uint64_t end(State<kRounds> state, std::string_view bytes, std::uint64_t length) {
  const std::size_t words = state.compress_words(bytes);
  const std::size_t left = bytes.size() - words;
  state.compress(short_word(bytes.data() + bytes.size(), left) | length << 56);
  return state.finalize();
}

}  // namespace

SipKey SipKey::random() {
  SipKey key;
  if (draw_seeded(&key, sizeof key)) return key;
  ssize_t got;
  do {
    got = getrandom(&key, sizeof key, 0);
  } while (got < 0 && errno == EINTR);
  // The kernel gives a request as short as this one whole or not at all.
  if (got != static_cast<ssize_t>(sizeof key)) {
    std::perror("getrandom");
    std::abort();
  }
  return key;
}

std::uint64_t siphash(const SipKey& key, std::string_view bytes) {
  return end(initial<2>(key), bytes, bytes.size());
}

std::uint64_t table_hash(const SipKey& key, std::string_view bytes) {
  return end(initial<1>(key), bytes, bytes.size());
}

std::uint64_t siphash(const SipKey& key, std::span<const std::byte> bytes) {
  return siphash(key, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

template <unsigned kRounds>
BasicSipHasher<kRounds>::BasicSipHasher(const SipKey& key) {
  const auto state = initial<kRounds>(key);
  v0_ = state.v0;
  v1_ = state.v1;
  v2_ = state.v2;
  v3_ = state.v3;
}

template <unsigned kRounds>
BasicSipHasher<kRounds>& BasicSipHasher<kRounds>::update_long(std::string_view bytes) {
  State<kRounds> state{v0_, v1_, v2_, v3_};
  while (bytes.size() > sizeof buffer_ - held_) {
    const std::size_t part = sizeof buffer_ - held_;
    std::memcpy(buffer_ + held_, bytes.data(), part);
    bytes.remove_prefix(part);
    state.compress_words({buffer_, sizeof buffer_});
    length_ += sizeof buffer_;
    held_ = 0;
  }
  v0_ = state.v0;
  v1_ = state.v1;
  v2_ = state.v2;
  v3_ = state.v3;
  return update(bytes);
}

template <unsigned kRounds>
std::uint64_t BasicSipHasher<kRounds>::finish() {
  return end(State<kRounds>{v0_, v1_, v2_, v3_}, {buffer_, held_}, length_ + held_);
}

template class BasicSipHasher<1>;
template class BasicSipHasher<2>;

}  // namespace opensips::base
