#include "l1_parser/digest_answer.hh"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "l1_parser/digest_hash.hh"

namespace opensips::parser {
namespace {

/// The quality of protection that is used; empty if the challenge offers none.
std::optional<std::string_view> choose_qop(const DigestChallenge& challenge) {
  if (challenge.qop_options.empty()) return "";
  for (const std::string_view qop : {"auth", "auth-int"}) {
    if (challenge.offers(qop)) return qop;
  }
  return std::nullopt;
}

bool may_be_quoted(std::string_view text) {
  return std::ranges::none_of(text,
                              [](unsigned char c) { return (c < ' ' && c != '\t') || c == 127; });
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out += '"';
}

DigestHash secret_of(const DigestLogin& login, const DigestChallenge& challenge) {
  if (!login.ha1.empty()) return DigestHash::of_digits(login.ha1);
  std::string room;
  return digest_ha1(challenge.algorithm, login.username, unquoted(challenge.realm, room),
                    login.password);
}

}  // namespace

bool can_answer(const DigestChallenge& challenge) {
  return is_available(challenge.algorithm) && choose_qop(challenge);
}

base::Result<std::string> answer(const DigestChallenge& challenge, const DigestLogin& login,
                                 const DigestRequest& request, std::string_view cnonce,
                                 std::uint32_t nc) {
  if (!can_answer(challenge)) return base::Failure(base::Error::unsupported);
  if (!may_be_quoted(login.username)) return base::Failure(base::Error::malformed);
  const auto qop = *choose_qop(challenge);
  const auto count = fmt::format("{:08x}", nc);
  std::string nonce_room;
  const auto response = digest_response({.algorithm = challenge.algorithm,
                                         .nonce = unquoted(challenge.nonce, nonce_room),
                                         .cnonce = cnonce,
                                         .nc = count,
                                         .qop = qop,
                                         .method = request.method,
                                         .uri = request.uri,
                                         .body = request.body},
                                        secret_of(login, challenge));
  if (response.empty()) return base::Failure(base::Error::unsupported);

  // What the challenge said goes back as it came, with its backslashes.
  auto text = fmt::format("Digest username={}, realm=\"{}\", nonce=\"{}\", uri={}, response=\"{}\"",
                          quoted(login.username), challenge.realm, challenge.nonce,
                          quoted(request.uri), response.text());
  if (!challenge.algorithm_text.empty()) {
    text += fmt::format(", algorithm={}", to_string(challenge.algorithm));
  }
  if (challenge.has_opaque) text += fmt::format(", opaque=\"{}\"", challenge.opaque);
  // A session has a client's nonce without qop as well.
  const bool session = without_session(challenge.algorithm) != challenge.algorithm;
  if (!qop.empty() || session) text += fmt::format(", cnonce=\"{}\"", cnonce);
  if (!qop.empty()) text += fmt::format(", qop={}, nc={}", qop, count);
  return text;
}

}  // namespace opensips::parser
