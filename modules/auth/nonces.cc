#include "auth/nonces.hh"

#include <charconv>
#include <optional>

#include "l1_parser/digest_hash.hh"

namespace opensips::auth {
namespace {

// EEEEEEEETTTTTTTTIIIIIIIIMMMMMMMMMMMMMMMM: epoch, time, index, MAC, in hexadecimal digits.
constexpr std::size_t kWord = 8;
constexpr std::size_t kBody = 3 * kWord;
constexpr std::size_t kMac = 16;

void write_hex(char* to, std::uint64_t value, std::size_t digits) {
  for (std::size_t i = digits; i-- > 0; value >>= 4) to[i] = "0123456789abcdef"[value & 15];
}

template <class Number>
std::optional<Number> read_hex(std::string_view digits) {
  Number value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [at, error] = std::from_chars(digits.data(), end, value, 16);
  if (error != std::errc() || at != end) return std::nullopt;
  return value;
}

}  // namespace

base::SipKey Nonces::key_of(std::string_view secret) {
  const auto hash = parser::DigestHash::of(parser::DigestAlgorithm::sha256, {secret});
  const auto digits = hash.text();
  return {read_hex<std::uint64_t>(digits.substr(0, 16)).value_or(0),
          read_hex<std::uint64_t>(digits.substr(16, 16)).value_or(0)};
}

std::uint64_t Nonces::mac(std::string_view body, std::string_view realm) const {
  constexpr std::string_view kDomain{"nonce\0", 6};  // the key may have other uses
  return base::SipHasher(key_).update(kDomain).update(body).update(realm).finish();
}

std::string Nonces::make(std::string_view realm, std::uint32_t now_s) {
  const auto index = made_.fetch_add(1, std::memory_order_relaxed);
  std::string nonce(kBody + kMac, '0');
  char* at = nonce.data();
  for (const std::uint32_t word : {epoch_, now_s, index}) {
    write_hex(at, word, kWord);
    at += kWord;
  }
  write_hex(at, mac({nonce.data(), kBody}, realm), kMac);
  return nonce;
}

Nonces::Found Nonces::find(std::string_view nonce, std::string_view realm,
                           std::uint32_t now_s) const {
  if (nonce.size() != kBody + kMac) return {};
  const auto body = nonce.substr(0, kBody);
  const auto given = read_hex<std::uint64_t>(nonce.substr(kBody));
  // One comparison of whole numbers: its time says nothing of where they differ.
  if (!given || *given != mac(body, realm)) return {};
  const auto epoch = read_hex<std::uint32_t>(body.substr(0, kWord));
  const auto time = read_hex<std::uint32_t>(body.substr(kWord, kWord));
  const auto index = read_hex<std::uint32_t>(body.substr(2 * kWord));
  if (!epoch || !time || !index) return {};

  // One from the future is of a server whose clock is ahead, and is taken for as long as others.
  const bool expired = now_s > *time && now_s - *time >= lifetime_s_;
  if (expired) return {State::expired, 0};
  if (*epoch != epoch_) return {State::earlier, 0};
  return {State::good, std::uint64_t{*time} << 32 | *index};
}

}  // namespace opensips::auth
