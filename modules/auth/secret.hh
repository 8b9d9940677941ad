#pragma once

#include <array>
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

/// The HA1 of a user for an algorithm; empty if it does not follow from what is kept. Of nobody
/// (`secret` is nullptr) one that no password leads to; it takes as long as a user's.
parser::DigestHash ha1_of(const Secret* secret, parser::DigestAlgorithm algorithm,
                          std::string_view username, std::string_view realm);

}  // namespace opensips::auth
