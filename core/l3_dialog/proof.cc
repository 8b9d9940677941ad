#include "l3_dialog/proof.hh"

#include "l3_dialog/token.hh"

namespace opensips::dialog {

namespace {

/// EPOCH.MAC for an epoch and a way that are already digits.
Token::Head make(const base::SipKey& key, std::string_view epoch, std::string_view call_id,
                 std::string_view from_tag, std::string_view way) {
  constexpr std::string_view kDomain{"dialog\0", 7};  // a branch's MAC is no proof
  constexpr std::string_view kSeparator{"\0", 1};
  base::SipHasher mac(key);
  mac.update(kDomain).update(epoch).update(call_id).update(kSeparator).update(from_tag);
  if (!way.empty()) mac.update(kSeparator).update(way);
  return Token::head(epoch, mac.finish());
}

/// EPOCH.MAC or EPOCH.MAC.WAY, not checked yet.
std::optional<Token> read(const parser::Uri& route) {
  const auto text = route.param(kProofParam);
  const auto given = text ? Token::read(*text) : std::nullopt;
  return given && given->rest.size() <= kMostWay ? given : std::nullopt;
}

bool holds(const base::SipKey& key, const Token& given, const parser::Message& request) {
  const auto matches = [&](std::string_view tag) {
    return !tag.empty() && given.has(make(key, given.epoch, request.call_id(), tag, given.rest));
  };
  return matches(request.from().tag) || matches(request.to().tag);
}

}  // namespace

std::string_view write_proof(base::Arena& arena, const base::SipKey& key, std::uint32_t epoch,
                             const parser::Message& request, const Way& way) {
  char way_digits[kMostWay];
  const auto token = write_way(way, way_digits);
  const auto proof = make(key, EpochDigits(epoch), request.call_id(), request.from().tag, token);
  return arena.concat(
      {kProofParam, "=", {proof.data(), proof.size()}, token.empty() ? "" : ".", token});
}

bool proves(const base::SipKey& key, const parser::Uri& route, const parser::Message& request) {
  const auto given = read(route);
  return given && holds(key, *given, request);
}

bool names_way(const parser::Uri& route) {
  const auto given = read(route);
  return given && !given->rest.empty();
}

std::optional<Way> proven_way(const base::SipKey& key, const parser::Uri& route,
                              const parser::Message& request, std::uint32_t epoch) {
  const auto given = read(route);
  if (!given || !holds(key, *given, request)) return std::nullopt;
  return read_way(given->rest, given->epoch == std::string_view(EpochDigits(epoch)));
}

}  // namespace opensips::dialog
