#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.hh"

namespace opensips::parser {

enum class DigestAlgorithm : std::uint8_t {
  md5,
  md5_sess,
  sha256,
  sha256_sess,
  sha512_256,
  sha512_256_sess,
  other,  ///< one that we cannot compute: its challenge or credentials are not for us
};

/// One WWW-Authenticate or Proxy-Authenticate (RFC 3261 20.44, RFC 7616 3.3). All texts are views
/// into the header's value.
struct DigestChallenge {
  std::string_view realm;
  std::string_view nonce;
  std::string_view opaque;
  std::string_view domain;
  std::string_view algorithm_text;  ///< empty: none given, which means MD5
  std::string_view qop_options;     ///< "auth,auth-int"; empty: none, as RFC 2069 had it
  DigestAlgorithm algorithm = DigestAlgorithm::md5;
  bool stale = false;
  bool userhash = false;
  bool has_opaque = false;

  /// Errors: unsupported for another scheme; malformed if the grammar is not kept, realm or nonce
  /// are missing or a parameter is there twice.
  static base::Result<DigestChallenge> parse(std::string_view text);
  /// Whether this quality of protection is among those offered.
  bool offers(std::string_view qop) const;
};

/// One Authorization or Proxy-Authorization (RFC 3261 20.7, RFC 7616 3.4). All texts are views into
/// the header's value. That it proves anything is for others to find out.
struct DigestCredentials {
  std::string_view username;  ///< of `username*`: extended notation (RFC 5987), not decoded
  std::string_view realm;
  std::string_view nonce;
  std::string_view uri;
  std::string_view response;  ///< hexadecimal digits
  std::string_view algorithm_text;
  std::string_view cnonce;
  std::string_view opaque;
  std::string_view qop;
  DigestAlgorithm algorithm = DigestAlgorithm::md5;
  std::string_view nc_text;         ///< the digits that came: eight, if the client keeps to that
  std::optional<std::uint32_t> nc;  ///< nonce count: always there if `qop` is
  bool extended_username = false;
  bool userhash = false;
  bool has_opaque = false;

  /// Errors: unsupported for another scheme, which counts as no credentials; malformed if the
  /// grammar is not kept, something that RFC 7616 3.4 requires is missing or a parameter is there
  /// twice.
  static base::Result<DigestCredentials> parse(std::string_view text);
};

/// "MD5", "sha-256-SESS": case folds.
DigestAlgorithm digest_algorithm_of(std::string_view text);

}  // namespace opensips::parser
