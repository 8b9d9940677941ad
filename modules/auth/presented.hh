#pragma once

#include <cstddef>
#include <expected>
#include <string_view>

#include "auth/demand.hh"
#include "l1_parser/digest_hash.hh"
#include "l1_parser/message.hh"

namespace opensips::auth {

/// Why a request has not proved who it is from.
enum class Refusal : std::uint8_t {
  none,         ///< there are no credentials for what is asked
  malformed,    ///< there are some, but they cannot be read
  stale,        ///< the nonce is too old, or of another process
  wrong,        ///< they prove nothing: no such user, another password, for another request
  replayed,     ///< they have been used before
  full,         ///< there is no room to take note of their use
  unavailable,  ///< whoever knows the users cannot be asked now
};
/// For programs: "no credentials".
std::string_view to_string(Refusal refusal);

/// Credentials that a request has; what they say is not proved. Texts live as long as the message.
struct Presented {
  parser::DigestCredentials credentials;
  std::string_view username;  ///< without quoting or encoding
  std::size_t place = 0;      ///< of their header
  std::uint64_t nonce = 0;    ///< the number of their nonce, once it is known to be one of ours
};

/// Those for the realm that is asked for, with an algorithm and a qop that are: one header of
/// several. Refusal::none or malformed if there are none.
std::expected<Presented, Refusal> find_presented(parser::Message& request, const Demand& demand);

/// They are for this request: its Request-URI, parameters and the port 5060 aside (RFC 7616 3.4.6).
/// Some clients write another URI, and a proxy on the way may have changed it.
bool are_for(const Presented& presented, const parser::Message& request);

/// They prove the knowledge of that HA1.
bool prove(const Presented& presented, const parser::Message& request,
           const parser::DigestHash& ha1);

}  // namespace opensips::auth
