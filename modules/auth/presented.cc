#include "auth/presented.hh"

#include <algorithm>
#include <string>

#include "l1_parser/chars.hh"

namespace opensips::auth {
namespace {

constexpr std::uint16_t kDefaultPort = 5060;

bool is_offered(std::string_view qop, const Demand& demand) {
  parser::DigestChallenge challenge;
  challenge.qop_options = demand.qop;
  // Clients of RFC 2069 have none; their nonces count once. Where the body is to be covered they
  // will not do.
  if (qop.empty()) return demand.qop.empty() || challenge.offers("auth");
  return challenge.offers(qop);
}

bool fit(const parser::DigestCredentials& credentials, const Demand& demand) {
  std::string room;
  return parser::unquoted(credentials.realm, room) == demand.realm &&
         std::ranges::find(demand.algorithms, credentials.algorithm) != demand.algorithms.end() &&
         is_offered(credentials.qop, demand);
}

/// What a quoted value stands for, in memory that lives as long as the message.
std::string_view kept_unquoted(parser::Message& message, std::string_view value) {
  std::string room;
  const auto text = parser::unquoted(value, room);
  return text.data() == value.data() ? value : message.arena().copy(text);
}

}  // namespace

std::string_view to_string(Refusal refusal) {
  switch (refusal) {
    case Refusal::none: return "no credentials";
    case Refusal::malformed: return "malformed credentials";
    case Refusal::stale: return "stale nonce";
    case Refusal::wrong: return "wrong credentials";
    case Refusal::replayed: return "replayed credentials";
    case Refusal::full: return "too many nonces";
    case Refusal::unavailable: break;
  }
  return "users are not available";
}

std::expected<Presented, Refusal> find_presented(parser::Message& request, const Demand& demand) {
  const auto name = demand.role == Role::www ? parser::HeaderName::authorization
                                             : parser::HeaderName::proxy_authorization;
  auto refusal = Refusal::none;
  const auto headers = request.headers();
  for (auto at = request.find(name); at < headers.size(); at = request.find(name, at + 1)) {
    const auto parsed = parser::DigestCredentials::parse(request.value(headers[at]));
    if (!parsed) {
      if (parsed.error() == base::Error::malformed) refusal = Refusal::malformed;
      continue;
    }
    if (!fit(*parsed, demand)) continue;
    std::string room;
    const auto username = parser::username_of(*parsed, room);
    if (!username) {
      refusal = Refusal::malformed;
      continue;
    }
    Presented presented{.credentials = *parsed, .username = {}, .place = at};
    presented.username =
        username->data() == parsed->username.data() ? *username : request.arena().copy(*username);
    presented.credentials.cnonce = kept_unquoted(request, parsed->cnonce);
    presented.credentials.uri = kept_unquoted(request, parsed->uri);
    return presented;
  }
  return std::unexpected(refusal);
}

bool are_for(const Presented& presented, const parser::Message& request) {
  const auto& asked = request.uri();
  if (presented.credentials.uri == asked.text) return true;
  const auto uri = parser::Uri::parse(presented.credentials.uri);
  if (!uri || !uri->is_sip() || !asked.is_sip()) return false;
  const auto port = [](const parser::Uri& of) { return of.port == 0 ? kDefaultPort : of.port; };
  return uri->user == asked.user && parser::chars::equal_fold(uri->host, asked.host) &&
         port(*uri) == port(asked);
}

bool prove(const Presented& presented, const parser::Message& request,
           const parser::DigestHash& ha1) {
  const auto& credentials = presented.credentials;
  return parser::digest_response({.algorithm = credentials.algorithm,
                                  .nonce = credentials.nonce,
                                  .cnonce = credentials.cnonce,
                                  .nc = credentials.nc_text,
                                  .qop = credentials.qop,
                                  .method = request.method_text(),
                                  .uri = credentials.uri,
                                  .body = request.body()},
                                 ha1)
      .equals(credentials.response);
}

}  // namespace opensips::auth
