#include "l2_transaction/response_context.hh"

#include <algorithm>

#include <fmt/format.h>

#include "l1_parser/draft.hh"

namespace opensips::transaction {

using parser::HeaderName;

namespace {

// Within 4xx those that tell the caller what to do next come first (16.7 step 6); 408 and 487 are
// what our own timers and CANCELs bring about, and say least.
int rank_within_class(unsigned code) {
  switch (code) {
    case 401:
    case 407:
    case 415:
    case 420:
    case 484: return 0;
    case 408:
    case 487: return 2;
    default: return 1;
  }
}

bool is_challenge(unsigned code) {
  return code == 401 || code == 407;
}

// 6xx first, then the lowest class; 503 last of all, since it speaks of a branch and not of the
// callee.
int rank(unsigned code) {
  if (code >= 600) return 0;
  if (code == 503) return 99;
  return static_cast<int>(code / 100) * 10 + rank_within_class(code);
}

}  // namespace

void ResponseContext::begin_round(std::uint64_t timeout_ms, const Patience& patience) {
  close();
  patience_ = patience;
  won_ = declined_ = false;
  if (timeout_ms) host_.wheel().arm(limit_, timeout_ms);
}

void ResponseContext::set_reason(unsigned code) {
  const bool elsewhere = code < 300;
  reason_ = fmt::format("Reason: SIP;cause={};text=\"{}\"\r\n", elsewhere ? 200 : code,
                        elsewhere ? "Call completed elsewhere" : parser::reason_phrase(code));
}

void ResponseContext::close() {
  best_.reset();
  challenges_.clear();
  limit_.cancel();
}

ResponseContext::Decision ResponseContext::receive(loop::ClientId branch,
                                                   const base::Ref<parser::Message>& response) {
  const unsigned code = response->code();
  if (code == 100) return Decision::absorb;
  if (code < 200) return won_ ? Decision::absorb : Decision::forward;

  const bool was_pending = std::erase(pending_, branch) > 0;
  if (code < 300) {  // also from a branch that was given up: the call stands
    won_ = true;
    close();
    return Decision::forward;
  }
  if (won_ || !was_pending) return Decision::absorb;
  if (code >= 600 && six_ends_all_) declined_ = true;
  if (is_challenge(code)) challenges_.push_back(response);
  if (!best_ || better(*response)) best_ = response;
  if (!pending_.empty()) return Decision::absorb;
  limit_.cancel();
  if (is_challenge(best_->code())) add_challenges();
  return Decision::over;
}

/// The caller gets what every branch asks for, not only the one that is forwarded (RFC 3261 16.7
/// step 7).
void ResponseContext::add_challenges() {
  auto& best = *best_;
  for (const auto& other : challenges_) {
    if (other == best_) continue;
    for (const auto& header : other->headers()) {
      if (header.name != HeaderName::www_authenticate &&
          header.name != HeaderName::proxy_authenticate) {
        continue;
      }
      best.edits().insert(best.arena(), best.headers().size(), to_string(header.name),
                          best.arena().copy(other->value(header)));
    }
  }
  challenges_.clear();
}

bool ResponseContext::better(const parser::Message& response) const {
  return rank(response.code()) < rank(best_->code());
}

}  // namespace opensips::transaction
