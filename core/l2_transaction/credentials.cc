#include "l2_transaction/credentials.hh"

#include <algorithm>
#include <utility>

#include "l1_parser/digest.hh"
#include "l1_parser/digest_answer.hh"
#include "l1_parser/message_view.hh"

namespace opensips::transaction {

using parser::HeaderName;

namespace {

// A server whose nonces are always too old is not asked for ever.
constexpr unsigned kMaxRounds = 5;

}  // namespace

Credentials::Credentials(const Login& login)
    : username_(login.username), password_(login.password), ha1_(login.ha1) {}

bool Credentials::take(const parser::Message& refusal) {
  if (rounds_ == kMaxRounds) return false;
  std::vector<Challenge> taken;
  const auto headers = refusal.headers();
  for (const auto& header : headers) {
    const bool challenges = header.name == HeaderName::www_authenticate ||
                            header.name == HeaderName::proxy_authenticate;
    if (challenges && !take(header.name, refusal.value(header), taken)) return false;
  }
  if (taken.empty()) return false;
  ++rounds_;
  for (auto& one : taken) {
    std::erase_if(challenges_, [&](const Challenge& known) {
      return known.name == one.name && known.realm == one.realm;
    });
    challenges_.push_back(std::move(one));
  }
  return true;
}

/// Of those for one realm the first that can be answered counts (RFC 8760 2.4). False: it is for
/// credentials that were refused.
bool Credentials::take(HeaderName name, std::string_view text, std::vector<Challenge>& taken) {
  const auto challenge = parser::DigestChallenge::parse(text);
  if (!challenge || !parser::can_answer(*challenge)) return true;
  const auto is_same = [&](const Challenge& other) {
    return other.name == name && other.realm == challenge->realm;
  };
  if (std::ranges::any_of(taken, is_same)) return true;
  if (!challenge->stale && std::ranges::any_of(challenges_, is_same)) return false;
  taken.push_back({name, std::string(challenge->realm), std::string(text)});
  return true;
}

void Credentials::put(parser::Message& request, parser::Draft& draft, std::string_view cnonce) {
  auto& arena = request.arena();
  const auto place = request.find(HeaderName::from);
  for (auto& one : challenges_) {
    const auto answer = parser::answer(*parser::DigestChallenge::parse(one.text),
                                       {.username = username_, .password = password_, .ha1 = ha1_},
                                       {.method = request.method_text(),
                                        .uri = parser::effective_uri(request),
                                        .body = parser::effective_body(request)},
                                       cnonce, ++one.uses);
    if (!answer) continue;
    const bool of_server = one.name == HeaderName::www_authenticate;
    draft.edits.insert(arena, place, of_server ? "Authorization" : "Proxy-Authorization",
                       arena.copy(*answer));
  }
}

}  // namespace opensips::transaction
