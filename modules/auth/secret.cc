#include "auth/secret.hh"

#include "base/siphash.hh"

namespace opensips::auth {
namespace {

/// A password that nobody has.
const std::string& nobodys_password() {
  static const std::string text = [] {
    const auto key = base::SipKey::random();
    return std::to_string(key.k0) + std::to_string(key.k1);
  }();
  return text;
}

}  // namespace

parser::DigestHash ha1_of(const Secret* secret, parser::DigestAlgorithm algorithm,
                          std::string_view username, std::string_view realm) {
  // Computed in any case: that it is not needed, or that there is no such user, does not show.
  const bool has_password = secret && !secret->password.empty();
  const auto computed =
      parser::digest_ha1(parser::without_session(algorithm), username, realm,
                         has_password ? std::string_view(secret->password) : nobodys_password());
  if (!secret || has_password) return computed;
  return secret->ha1[Secret::place_of(algorithm)];
}

}  // namespace opensips::auth
