#include "auth/secret.hh"

#include <fmt/format.h>

#include "base/siphash.hh"

namespace opensips::auth {
namespace {

std::string random_digits() {
  const auto a = base::SipKey::random();
  const auto b = base::SipKey::random();
  return fmt::format("{:016x}{:016x}{:016x}{:016x}", a.k0, a.k1, b.k0, b.k1);
}

}  // namespace

parser::DigestHash ha1_of(const Secret& secret, parser::DigestAlgorithm algorithm,
                          std::string_view username, std::string_view realm) {
  if (secret.password.empty()) return secret.ha1[Secret::place_of(algorithm)];
  return parser::digest_ha1(parser::without_session(algorithm), username, realm, secret.password);
}

parser::DigestHash blank_hash(parser::DigestAlgorithm algorithm) {
  constexpr std::size_t kLongest = 64;
  static const std::string digits(kLongest, '0');
  return parser::DigestHash::of_digits(
      std::string_view(digits).substr(0, parser::digest_size(algorithm)));
}

std::shared_ptr<const Secret> nobodys_secret(Kept kept) {
  using parser::DigestAlgorithm;
  auto secret = std::make_shared<Secret>();
  if (kept == Kept::as_password) {
    secret->password = random_digits();
    return secret;
  }
  for (const auto algorithm :
       {DigestAlgorithm::md5, DigestAlgorithm::sha256, DigestAlgorithm::sha512_256}) {
    secret->ha1[Secret::place_of(algorithm)] =
        parser::DigestHash::of_digits(random_digits().substr(0, parser::digest_size(algorithm)));
  }
  return secret;
}

}  // namespace opensips::auth
