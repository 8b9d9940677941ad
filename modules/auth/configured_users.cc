#include "auth/configured_users.hh"

#include <array>

#include <fmt/format.h>

namespace opensips::auth {
namespace {

constexpr std::string_view kPassword = "password=";

struct Hash {
  std::string_view name;
  parser::DigestAlgorithm algorithm;
};
constexpr std::array kHashes{Hash{"ha1", parser::DigestAlgorithm::md5},
                             Hash{"ha1_sha256", parser::DigestAlgorithm::sha256},
                             Hash{"ha1_sha512t256", parser::DigestAlgorithm::sha512_256}};

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

/// "ha1=DIGITS; ha1_sha256=DIGITS"
std::expected<Secret, std::string> read_hashes(std::string_view text) {
  Secret secret;
  while (!text.empty()) {
    const auto end = text.find(';');
    const auto one = trim(text.substr(0, end));
    text = end == text.npos ? std::string_view() : trim(text.substr(end + 1));
    const auto equals = one.find('=');
    const auto name = one.substr(0, equals);
    const Hash* known = nullptr;
    for (const Hash& hash : kHashes) {
      if (hash.name == name) known = &hash;
    }
    if (!known || equals == one.npos) {
      return std::unexpected("expected password=, ha1=, ha1_sha256= or ha1_sha512t256=");
    }
    const auto digits = parser::DigestHash::of_digits(one.substr(equals + 1));
    const auto size = parser::digest_size(known->algorithm);
    if (digits.text().size() != size) {
      return std::unexpected(fmt::format("expected {} hexadecimal digits of {}", size, name));
    }
    secret.ha1[Secret::place_of(known->algorithm)] = digits;
  }
  return secret;
}

}  // namespace

std::expected<void, std::string> ConfiguredUsers::add(std::string_view text) {
  // The realm is behind the last '@' before the colon: names may have one of their own.
  const auto colon = text.find(": ");
  const auto account = text.substr(0, colon);
  const auto at = account.rfind('@');
  if (colon == text.npos || at == account.npos || at == 0 || at + 1 == account.size()) {
    return std::unexpected("expected NAME@REALM: password=TEXT");
  }
  const auto rest = trim(text.substr(colon + 1));
  Secret secret;
  if (rest.starts_with(kPassword)) {  // all that follows is the password
    secret.password = rest.substr(kPassword.size());
    if (secret.password.empty()) return std::unexpected("expected a password");
  } else {
    auto hashes = read_hashes(rest);
    if (!hashes) return std::unexpected(hashes.error());
    secret = std::move(*hashes);
  }
  if (users_.empty() && secret.password.empty()) nobody_ = nobodys_secret(Kept::as_hashes);
  const bool added =
      users_
          .try_emplace({std::string(account.substr(0, at)), std::string(account.substr(at + 1))},
                       std::make_shared<const Secret>(std::move(secret)))
          .second;
  if (!added) return std::unexpected(fmt::format("{} is there twice", account));
  return {};
}

std::optional<Lookup> ConfiguredUsers::find(std::string_view username, std::string_view realm) {
  const auto found = users_.find(std::pair(username, realm));
  if (found == users_.end()) return Lookup{Lookup::State::unknown, nobody_};
  return Lookup{Lookup::State::known, found->second};
}

void ConfiguredUsers::fetch(std::string_view username, std::string_view realm, Done done) {
  done(*find(username, realm));
}

}  // namespace opensips::auth
