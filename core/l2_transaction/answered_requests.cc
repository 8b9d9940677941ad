#include "l2_transaction/answered_requests.hh"

#include <cstring>
#include <new>
#include <type_traits>

#include "l1_parser/reply.hh"

namespace opensips::transaction {

parser::Draft* AnsweredRequests::Entry::repeat(parser::Message& copy,
                                               const base::SipKey& tag_key) const {
  if (has_rport_ && !copy.has_rport()) {
    copy.force_rport();
    parser::stamp_via(copy);
  }
  auto& arena = copy.arena();
  const char* at = reinterpret_cast<const char*>(this + 1);
  Texts texts;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    texts[i] = arena.copy({at, sizes_[i]});
    at += sizes_[i];
  }
  auto* const reply = parser::make_reply(copy, tag_key, code_, texts[0]);
  reply->headers = texts[1];
  reply->content_type = texts[2];
  reply->body = texts[3];
  return reply;
}

void AnsweredRequests::add(std::uint64_t found_by, std::uint64_t transaction, const base::Flow& to,
                           const parser::Message& request, const parser::Draft& reply) {
  static_assert(std::is_trivially_destructible_v<Entry>);
  const Entry::Texts texts{reply.reason, reply.headers, reply.content_type, reply.body};
  std::size_t size = sizeof(Entry);
  for (const auto text : texts) size += text.size();
  auto& entry = *new (row_.push_back(size)) Entry;
  entry.found_by_ = found_by;
  entry.transaction_ = transaction;
  entry.ends_at_ = context_.now() + keep_ms_;
  entry.to_ = to;
  entry.code_ = reply.code;
  entry.method_ = request.method();
  entry.has_rport_ = request.has_rport();
  char* at = reinterpret_cast<char*>(&entry + 1);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    entry.sizes_[i] = static_cast<std::uint32_t>(texts[i].size());
    if (!texts[i].empty()) std::memcpy(at, texts[i].data(), texts[i].size());
    at += texts[i].size();
  }
  index_.insert(found_by, entry);
  context_.stats.add(in_use_);
  if (!timer_j_.armed()) context_.timers.arm(timer_j_, keep_ms_);
}

void AnsweredRequests::on_timer_j() {
  const auto now = context_.now();
  while (const auto* const oldest = static_cast<const Entry*>(row_.front())) {
    if (oldest->ends_at_ > now) return context_.timers.arm(timer_j_, oldest->ends_at_ - now);
    index_.erase(oldest->found_by_, *oldest);
    row_.pop_front();
    context_.stats.subtract(in_use_);
  }
}

}  // namespace opensips::transaction
