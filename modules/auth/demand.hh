#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/arena.hh"
#include "l1_parser/digest.hh"

namespace opensips::auth {

/// Who asks: a server of its users, or a proxy on the way to others (RFC 3261 22.2, 22.3).
enum class Role : std::uint8_t { www, proxy };

/// What credentials are asked for. It is looked at for each request, so it owns nothing: its texts
/// live as long as that.
struct Demand {
  Role role = Role::www;
  std::string_view realm;
  std::string_view qop;  ///< "auth", "auth-int", "auth,auth-int"; empty: none, as in RFC 2069
  std::span<const parser::DigestAlgorithm> algorithms;  ///< the preferred one first
};

/// 401 or 407.
unsigned code_of(Role role);

/// "SHA-256, MD5" as a list; the error is the name that is not known, or not to be had here.
struct Algorithms {
  std::vector<parser::DigestAlgorithm> all;
  std::string_view unknown;
};
Algorithms read_algorithms(std::string_view text);

/// "auth", "auth-int", both in any order, or nothing.
bool is_qop(std::string_view text);

/// The challenges of an answer (RFC 7616 3.3): a header line for each algorithm, the preferred one
/// on top (RFC 8760 2.3). `stale`: the credentials may be good, but not with that nonce.
std::string_view challenge_lines(base::Arena& arena, const Demand& demand, std::string_view nonce,
                                 bool stale);

}  // namespace opensips::auth
