#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "l1_parser/digest.hh"
#include "l1_parser/digest_answer.hh"
#include "l1_parser/digest_hash.hh"

/// What reading an authentication header promises for any text: see promises.hh.
namespace opensips::parser::samples {

inline std::string flag(std::string_view name, bool value) {
  return value ? fmt::format(", {}=true", name) : "";
}

inline std::string written(const DigestChallenge& challenge) {
  auto text =
      fmt::format("Digest realm=\"{}\", nonce=\"{}\", domain=\"{}\", qop=\"{}\"", challenge.realm,
                  challenge.nonce, challenge.domain, challenge.qop_options);
  if (challenge.has_opaque) text += fmt::format(", opaque=\"{}\"", challenge.opaque);
  if (!challenge.algorithm_text.empty())
    text += fmt::format(", algorithm={}", challenge.algorithm_text);
  return text + flag("stale", challenge.stale) + flag("userhash", challenge.userhash);
}

inline std::string written(const DigestCredentials& credentials) {
  auto text = fmt::format(
      "Digest username{}=\"{}\", realm=\"{}\", nonce=\"{}\", uri=\"{}\", response=\"{}\", "
      "cnonce=\"{}\"",
      credentials.extended_username ? "*" : "", credentials.username, credentials.realm,
      credentials.nonce, credentials.uri, credentials.response, credentials.cnonce);
  if (credentials.has_opaque) text += fmt::format(", opaque=\"{}\"", credentials.opaque);
  if (!credentials.algorithm_text.empty())
    text += fmt::format(", algorithm={}", credentials.algorithm_text);
  if (!credentials.qop.empty()) text += fmt::format(", qop={}", credentials.qop);
  if (credentials.nc) text += fmt::format(", nc={:08x}", *credentials.nc);
  return text + flag("userhash", credentials.userhash);
}

inline const char* answer_promise(const DigestChallenge& challenge) {
  constexpr DigestLogin kLogin{.username = "a \"b\" \\", .password = "c"};
  constexpr DigestRequest kRequest{.method = "INVITE", .uri = "sip:a@b", .body = "d"};
  const auto text = answer(challenge, kLogin, kRequest, "e", 1);
  if (text.has_value() != can_answer(challenge)) return "what can be answered is";
  if (!text) return nullptr;
  const auto credentials = DigestCredentials::parse(*text);
  if (!credentials) return "an answer to a challenge are credentials";
  std::string name, realm, nonce;
  if (username_of(*credentials, name) != kLogin.username) return "an answer names its user";
  const auto ha1 = digest_ha1(without_session(challenge.algorithm), kLogin.username,
                              unquoted(credentials->realm, realm), kLogin.password);
  const auto response = digest_response({.algorithm = credentials->algorithm,
                                         .nonce = unquoted(credentials->nonce, nonce),
                                         .cnonce = credentials->cnonce,
                                         .nc = credentials->nc_text,
                                         .qop = credentials->qop,
                                         .method = kRequest.method,
                                         .uri = credentials->uri,
                                         .body = kRequest.body},
                                        ha1);
  return response.equals(credentials->response) ? nullptr : "an answer proves the password";
}

inline const char* challenge_promise(std::string_view text) {
  const auto challenge = DigestChallenge::parse(text);
  if (!challenge) return nullptr;
  if (const char* const broken = answer_promise(*challenge)) return broken;
  const auto text_again = written(*challenge);
  const auto again = DigestChallenge::parse(text_again);
  if (!again) return "a challenge written from its parts is one";
  return written(*again) == text_again && again->offers("auth") == challenge->offers("auth")
             ? nullptr
             : "a challenge written from its parts has the same parts";
}

inline const char* credentials_promise(std::string_view text) {
  const auto credentials = DigestCredentials::parse(text);
  if (!credentials) return nullptr;
  const auto text_again = written(*credentials);
  const auto again = DigestCredentials::parse(text_again);
  if (!again) return "credentials written from their parts are some";
  return written(*again) == text_again ? nullptr
                                       : "credentials written from their parts have the same parts";
}

}  // namespace opensips::parser::samples
