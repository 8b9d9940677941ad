#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "l1_parser/digest.hh"

/// The arithmetic of digest authentication (RFC 7616 3.4, RFC 8760), for who proves something and
/// for who checks it. Any thread.
namespace opensips::parser {

/// A hash as digest authentication writes it: lower-case hexadecimal digits. Empty if it cannot be
/// computed here, and then equal to nothing.
class DigestHash {
 public:
  static constexpr std::size_t kMost = 64;

  DigestHash() = default;
  /// Digits of whatever case; empty if they are none, or not as many as a hash has.
  static DigestHash of_digits(std::string_view digits);
  /// The algorithm's hash of `parts` with a ':' between each two. "-sess" changes nothing here.
  static DigestHash of(DigestAlgorithm algorithm, std::initializer_list<std::string_view> parts);

  std::string_view text() const { return {digits_.data(), size_}; }
  bool empty() const { return size_ == 0; }
  /// In constant time: a guess learns nothing from how long it takes. Case folds.
  bool equals(std::string_view digits) const;

 private:
  std::array<char, kMost> digits_{};
  std::uint8_t size_ = 0;
};

/// "SHA-256-sess", as a header has it; empty for `other`.
std::string_view to_string(DigestAlgorithm algorithm);
/// The same without "-sess": what a kept hash is of.
DigestAlgorithm without_session(DigestAlgorithm algorithm);
/// The digits of its hash; 0 for `other`.
std::size_t digest_size(DigestAlgorithm algorithm);
/// The algorithm can be computed here: a system may be set up to have no MD5.
bool is_available(DigestAlgorithm algorithm);

/// What a quoted text stands for: without its backslashes (RFC 3261 25.1). `room` holds it if it
/// had some.
std::string_view unquoted(std::string_view value, std::string& room);

/// The name that credentials give: unquoted, or out of its extended notation (RFC 8187). Nullopt
/// if that is not UTF-8 or is malformed. `room` holds it if it is not in the header as it is.
std::optional<std::string_view> username_of(const DigestCredentials& credentials,
                                            std::string& room);

/// HA1, the secret that user and server share: the hash of name, realm and password.
DigestHash digest_ha1(DigestAlgorithm algorithm, std::string_view username, std::string_view realm,
                      std::string_view password);

/// What a response is computed from beside the secret. All texts as they stand in the header,
/// without its quotes and backslashes.
struct DigestInput {
  DigestAlgorithm algorithm = DigestAlgorithm::md5;
  std::string_view nonce = {};
  std::string_view cnonce = {};
  std::string_view nc = {};      ///< its digits: not all clients send eight
  std::string_view qop = {};     ///< "auth", "auth-int", or empty as in RFC 2069
  std::string_view method = {};  ///< of the request
  std::string_view uri = {};
  std::string_view body = {};  ///< matters with auth-int only
};

/// The response that proves `ha1`, a hash of without_session(algorithm).
DigestHash digest_response(const DigestInput& input, const DigestHash& ha1);

}  // namespace opensips::parser
