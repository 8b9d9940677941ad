#include "l2_transaction/answered_requests.hh"

#include <utility>

#include "l1_parser/reply.hh"

namespace opensips::transaction {

GivenAnswer::GivenAnswer(const parser::Message& request, const parser::Draft& reply)
    : texts_(Texts::All{reply.reason, reply.headers, reply.content_type, reply.body}),
      code_(reply.code),
      has_rport_(request.has_rport()) {}

parser::Draft* GivenAnswer::repeat(parser::Message& copy, const base::SipKey& tag_key) const {
  if (has_rport_ && !copy.has_rport()) {
    copy.force_rport();
    parser::stamp_via(copy);
  }
  auto& arena = copy.arena();
  auto* const reply = parser::make_reply(copy, tag_key, code_, arena.copy(texts_.at(reason)));
  reply->headers = arena.copy(texts_.at(headers));
  reply->content_type = arena.copy(texts_.at(content_type));
  reply->body = arena.copy(texts_.at(body));
  return reply;
}

void AnsweredRequests::add(Entry entry) {
  entry.ends_at = context_.now() + keep_ms_;
  Entry& added = entries_.emplace_back(std::move(entry));
  index_.insert(added.found_by, added);
  context_.stats.add(in_use_);
  if (!timer_j_.armed()) context_.timers.arm(timer_j_, keep_ms_);
}

void AnsweredRequests::on_timer_j() {
  const auto now = context_.now();
  while (!entries_.empty() && entries_.front().ends_at <= now) {
    index_.erase(entries_.front().found_by, entries_.front());
    entries_.pop_front();
    context_.stats.subtract(in_use_);
  }
  if (!entries_.empty()) context_.timers.arm(timer_j_, entries_.front().ends_at - now);
}

}  // namespace opensips::transaction
