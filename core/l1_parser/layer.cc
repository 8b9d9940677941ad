#include "l1_parser/layer.hh"

#include <cassert>
#include <chrono>
#include <utility>

#include "base/log.hh"
#include "l1_parser/reply.hh"
#include "l1_parser/writer.hh"

namespace opensips::parser {

using loop::Verdict;
using loop::Walk;

namespace {

/// A message that came without Content-Length gets one on its way into a stream (RFC 3261 16.6 step
/// 9): what the writer does for a body that is changed.
void give_length(const Message& message, Draft& draft) {
  if (draft.kind != Draft::Kind::forward || message.has(HeaderName::content_length)) return;
  if (draft.edits.has_body() || message.edits().has_body()) return;
  draft.edits.set_body(message.body());
}

}  // namespace

ParserLayer::ParserLayer(loop::Context& context, const loop::Owners& owners, Options options)
    : context_(context),
      owners_(owners),
      options_(std::move(options)),
      requests_(context.statistics.counter("core:rcv_requests")),
      replies_(context.statistics.counter("core:rcv_replies")),
      bad_messages_(context.statistics.counter("core:bad_msg_hdr")),
      dropped_requests_(context.statistics.counter("core:drop_requests")),
      dropped_replies_(context.statistics.counter("core:drop_replies")),
      refused_requests_(context.statistics.counter("core:err_requests")),
      error_replies_(context.statistics.counter("sl:sent_err_replies")),
      unknown_methods_(context.statistics.counter("core:unsupported_methods")) {}

Verdict ParserLayer::up(Walk& walk) {
  auto parsed = Message::parse(walk.bytes, walk.flow, options_.limits);
  // A message that is too long may have been cut: what else is wrong with it says nothing.
  const bool whole = parsed.fault.code == 0;
  if (walk.bytes.size() > options_.max_message && (whole || parsed.answerable)) {
    parsed.fault = {513, "Message Too Large"};
    parsed.answerable = parsed.message->is_request() && parsed.message->method() != Method::ack;
  }
  walk.bytes = {};
  if (!parsed.message) {
    context_.stats.add(bad_messages_);
    return Verdict::done;
  }
  walk.message = parsed.message;
  walk.call_id = parsed.message->call_id();
  if (options_.force_rport && walk.flow.transport == base::Transport::udp) {
    walk.message->force_rport();
  }
  context_.stats.add(parsed.message->is_request() ? requests_ : replies_);
  if (parsed.fault.code) return refuse(walk, parsed);

  // Every message of a call is handled by the one worker that owns its Call-ID.
  assert(owners_.owner_of(parsed.message->call_id()) == context_.worker());
  if (parsed.message->is_request()) {
    if (parsed.message->method() == Method::other) context_.stats.add(unknown_methods_);
    stamp_via(*parsed.message);
  }
  return Verdict::up;
}

Verdict ParserLayer::down(Walk& walk) {
  assert(walk.draft);
  if (base::is_stream(walk.flow.transport)) give_length(*walk.message, *walk.draft);
  walk.wire = write(*walk.message, *walk.draft, options_.server_header);
  if (walk.keep) *std::exchange(walk.keep, nullptr) = walk.wire;
  return Verdict::down;
}

Verdict ParserLayer::refuse(Walk& walk, const Message::Parsed& parsed) {
  static base::RateLimit limit{std::chrono::seconds(10)};
  base::log_limited(limit, base::LogLevel::info, "bad message from {}: {} {}",
                    walk.flow.peer.to_string(), parsed.fault.code, parsed.fault.reason);
  context_.stats.add(bad_messages_);
  Message& message = *parsed.message;
  if (!parsed.answerable) {
    context_.stats.add(message.is_request() ? dropped_requests_ : dropped_replies_);
    return Verdict::done;
  }
  context_.stats.add(refused_requests_);
  context_.stats.add(error_replies_);
  stamp_via(message);
  walk.flow = reply_flow(message);
  walk.draft = make_reply(message, options_.tag_key, parsed.fault.code, parsed.fault.reason);
  return down(walk);
}

}  // namespace opensips::parser
