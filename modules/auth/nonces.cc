#include "auth/nonces.hh"

#include <cstring>

#include "base/hex.hh"
#include "l1_parser/digest_hash.hh"

namespace opensips::auth {
namespace {

// EEEEEEEETTTTTTTTIIIIIIIIMMMMMMMMMMMMMMMM: epoch, time, index, MAC, in hexadecimal digits.
constexpr std::size_t kWord = 8;
constexpr std::size_t kBody = 3 * kWord;
constexpr std::size_t kMac = 16;
static_assert(kBody + kMac == std::tuple_size_v<Nonces::Text>);

/// Whole numbers are compared: the time it takes says nothing of where MACs differ.
bool same(const char* mac, const char* other) {
  std::uint64_t mine[2], given[2];
  static_assert(sizeof mine == kMac);
  std::memcpy(mine, mac, kMac);
  std::memcpy(given, other, kMac);
  return ((mine[0] ^ given[0]) | (mine[1] ^ given[1])) == 0;
}

}  // namespace

base::SipKey Nonces::key_of(std::string_view secret) {
  const auto hash = parser::DigestHash::of(parser::DigestAlgorithm::sha256, {secret});
  const auto digits = hash.text();
  return {base::read_hex<std::uint64_t>(digits.data()),
          base::read_hex<std::uint64_t>(digits.data() + 16)};
}

std::uint64_t Nonces::mac(std::string_view body, std::string_view realm) const {
  constexpr std::string_view kDomain{"nonce\0", 6};  // the key may have other uses
  return base::SipHasher(key_).update(kDomain).update(body).update(realm).finish();
}

Nonces::Text Nonces::make(std::string_view realm, std::uint32_t now_s) {
  const auto index = made_.fetch_add(1, std::memory_order_relaxed);
  Text nonce;
  char* const at = base::write_hex(nonce.data(), std::uint64_t{epoch_} << 32 | now_s);
  base::write_hex(at, index);
  base::write_hex(nonce.data() + kBody, mac({nonce.data(), kBody}, realm));
  return nonce;
}

Nonces::Found Nonces::find(std::string_view nonce, std::string_view realm,
                           std::uint32_t now_s) const {
  if (nonce.size() != kBody + kMac) return {};
  const auto body = nonce.substr(0, kBody);
  char expected[kMac];
  base::write_hex(expected, mac(body, realm));
  if (!same(expected, nonce.data() + kBody)) return {};
  const auto epoch = base::read_hex<std::uint32_t>(body.data());  // as they were written
  const auto time = base::read_hex<std::uint32_t>(body.data() + kWord);
  const auto index = base::read_hex<std::uint32_t>(body.data() + 2 * kWord);

  // One from the future is of a server whose clock is ahead, and is taken for as long as others.
  const bool expired = now_s > time && now_s - time >= lifetime_s_;
  if (expired) return {State::expired, 0};
  if (epoch != epoch_) return {State::earlier, 0};
  return {State::good, std::uint64_t{time} << 32 | index};
}

}  // namespace opensips::auth
