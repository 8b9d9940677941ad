#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "l1_parser/digest_hash.hh"

namespace opensips::auth {

/// What is kept of a user: the password, or what it comes to with each algorithm (HA1).
struct Secret {
  std::string password;
  std::array<parser::DigestHash, 3> ha1;  ///< by place_of(); empty: not kept
  std::vector<std::string> extra;         ///< what else is kept, for programs: by ExtraColumn

  /// MD5, SHA-256, SHA-512-256, of a session or not.
  static std::size_t place_of(parser::DigestAlgorithm algorithm) {
    return static_cast<std::size_t>(parser::without_session(algorithm)) / 2;
  }
};

/// The HA1 of a user for an algorithm; empty if it does not follow from what is kept.
parser::DigestHash ha1_of(const Secret& secret, parser::DigestAlgorithm algorithm,
                          std::string_view username, std::string_view realm);

/// The hash of no password, to find wrong what nothing can prove in the same steps.
parser::DigestHash blank_hash(parser::DigestAlgorithm algorithm);

/// How the secrets of users are kept.
enum class Kept : std::uint8_t { as_password, as_hashes };

/// One that nobody has, in place of the secret of a user who is not there: kept as those of the
/// others, so that it takes as long to find a proof wrong.
std::shared_ptr<const Secret> nobodys_secret(Kept kept);

}  // namespace opensips::auth
