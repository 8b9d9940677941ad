#include "auth/presented.hh"

#include <algorithm>
#include <string>

#include "l1_parser/chars.hh"

namespace opensips::auth {
namespace {

constexpr std::uint16_t kDefaultPort = 5060;

bool is_offered(std::string_view qop, const Demand& demand) {
  if (qop == demand.qop) return true;
  parser::DigestChallenge challenge;
  challenge.qop_options = demand.qop;
  // Clients of RFC 2069 have none; their nonces count once. Where the body is to be covered they
  // will not do.
  if (qop.empty()) return demand.qop.empty() || challenge.offers("auth");
  return challenge.offers(qop);
}

/// What a quoted value stands for, in memory that lives as long as the message.
std::string_view kept_unquoted(parser::Message& message, std::string_view value) {
  if (!value.contains('\\')) return value;
  std::string room;
  return message.arena().copy(parser::unquoted(value, room));
}

bool fit(parser::Message& message, const parser::DigestCredentials& credentials,
         const Demand& demand) {
  return kept_unquoted(message, credentials.realm) == demand.realm &&
         std::ranges::find(demand.algorithms, credentials.algorithm) != demand.algorithms.end() &&
         is_offered(credentials.qop, demand);
}

/// The name in such memory; nullopt if it cannot be read.
std::optional<std::string_view> kept_username(parser::Message& message,
                                              const parser::DigestCredentials& credentials) {
  if (!credentials.extended_username) return kept_unquoted(message, credentials.username);
  std::string room;
  const auto name = parser::username_of(credentials, room);
  if (!name) return std::nullopt;
  return message.arena().copy(*name);
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
    if (!fit(request, *parsed, demand)) continue;
    const auto username = kept_username(request, *parsed);
    if (!username) {
      refusal = Refusal::malformed;
      continue;
    }
    std::expected<Presented, Refusal> presented(
        std::in_place, Presented{.credentials = *parsed, .username = *username, .place = at});
    presented->credentials.cnonce = kept_unquoted(request, parsed->cnonce);
    presented->credentials.uri = kept_unquoted(request, parsed->uri);
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
