#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hh"
#include "l1_parser/digest.hh"

namespace opensips::parser {

/// Who a client says it is, and how it proves that.
struct DigestLogin {
  std::string_view username = {};
  std::string_view password = {};
  std::string_view ha1 =
      {};  ///< instead of the password: digits of a hash of the challenge's algorithm
};

/// The request that is sent again, with the proof.
struct DigestRequest {
  std::string_view method = {};
  std::string_view uri = {};  ///< the Request-URI
  std::string_view body = {};
};

/// The algorithm and one of the qualities of protection are ours. Of several challenges the first
/// that can be answered is taken (RFC 8760 2.4).
bool can_answer(const DigestChallenge& challenge);

/// The value of the Authorization or Proxy-Authorization that answers a challenge (RFC 7616 3.4):
/// with qop auth if the challenge offers it. `cnonce`: random, a token; `nc`: how often this nonce
/// has been used, with this time. Errors: unsupported if the challenge cannot be answered, or not
/// with that ha1; malformed if the name cannot stand in a header.
base::Result<std::string> answer(const DigestChallenge& challenge, const DigestLogin& login,
                                 const DigestRequest& request, std::string_view cnonce,
                                 std::uint32_t nc);

}  // namespace opensips::parser
