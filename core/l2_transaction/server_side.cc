// Requests on their way up, and their answers on the way down.

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/log.hh"
#include "l1_parser/name_addr.hh"
#include "l1_parser/reply.hh"
#include "l2_transaction/events.hh"
#include "l2_transaction/key.hh"
#include "l2_transaction/layer.hh"
#include "loop/shedding.hh"

namespace opensips::transaction {

using loop::Verdict;
using loop::Walk;
using parser::Method;

namespace {

/// Refusals that anybody can provoke with a forged source: sent once and never again, so that they
/// are no more than what came, and forgotten, since the next attempt is another transaction. A
/// retransmission is refused anew, with the same To tag, by which the ACK is known.
bool is_challenge(unsigned code) {
  switch (code) {
    case 400:
    case 401:
    case 407:
    case 482:
    case 483: return true;
    default: return false;
  }
}

/// Whether the CANCEL repeats of the INVITE what it has to (RFC 3261 9.1). Of an INVITE that is
/// answered nothing is kept: any CANCEL is taken for its own then, and cancels nothing. The
/// Request-URI and To are not looked at: proxies spell them in more ways than one.
bool is_of(const parser::Message& cancel, const ServerTransaction& invite) {
  if (!invite.request) return true;
  const auto& request = *invite.request;
  return cancel.cseq().number == request.cseq().number && cancel.call_id() == request.call_id() &&
         cancel.from().tag == request.from().tag;
}

/// Why the caller cancels, if it says so (RFC 3326 2).
std::string reason_lines(const parser::Message& cancel) {
  std::string lines;
  const auto headers = cancel.headers();
  for (auto i = cancel.find("Reason"); i < headers.size(); i = cancel.find("Reason", i + 1)) {
    lines += fmt::format("Reason: {}\r\n", cancel.value(headers[i]));
  }
  return lines;
}

/// A 100 that says no more than the request does: it can be made again.
bool is_first_trying(const parser::Draft& draft, unsigned code, const ServerTransaction& server) {
  return code == 100 && server.is_invite() && !server.provisional &&
         draft.kind == parser::Draft::Kind::reply && draft.reason.empty() &&
         draft.headers.empty() && draft.body.empty();
}

}  // namespace

Verdict TransactionLayer::request_up(Walk& walk) {
  const auto& request = *walk.message;
  const Method method = request.method();
  const bool is_ack = method == Method::ack;
  const auto key = server_key(table_key_, request, is_ack ? Method::invite : method);
  by_key_.prefetch(key);
  const bool initial = request.to().tag.empty() && method != Method::cancel && !is_ack;
  const auto merged = initial ? merge_key(table_key_, request) : 0;
  answered_.prefetch(initial ? merged : key);
  if (initial) by_merge_key_.prefetch(merged);

  if (auto* known = by_key_.find(key)) {
    if (is_ack) {
      const bool of_success = std::get<ServerInvite>(known->machine).acknowledged();
      return of_success ? Verdict::up : Verdict::done;
    }
    if (was_only_tried(*known)) {
      try_again(*known);
    } else {
      known->retransmitted();
    }
    return Verdict::done;
  }
  if (is_ack) {
    if (confirm(request)) return Verdict::up;
    // For a 2xx it has no transaction (RFC 3261 17); for a refusal made without one it ends here
    // (8.2.7).
    if (!parser::acknowledges_reply(request, options_.tag_key)) return Verdict::up;
    context_.stats.add(counters_.stateless_acks);
    return Verdict::done;
  }

  const auto* const answered = answered_.find(initial ? merged : key);
  if (answered && answered->transaction() == key) return answer_again(walk, *answered);
  if (initial && loop::is_shedding(context_)) return shed(walk);
  if (initial && (answered || is_merged(request, merged))) return answer(walk, 482);

  const auto cancelled = method == Method::cancel ? invite_of(request) : loop::ServerId();
  // Nothing is kept of it: the right one may have the same branch.
  if (method == Method::cancel && !cancelled) return answer(walk, 481);

  auto& server = new_server(walk, key);
  if (initial) {
    by_merge_key_.insert(merged, server);
    server.merge_key = merged;
  }
  return method == Method::cancel ? cancel_up(walk, cancelled) : Verdict::up;
}

bool TransactionLayer::is_merged(const parser::Message& request, std::uint64_t merged) const {
  // Going to where it went before, by another way: somebody before us has forked (RFC
  // 3261 8.2.2.2).
  const auto* other = by_merge_key_.find(merged);
  return other && other->method == request.method();
}

ServerTransaction& TransactionLayer::new_server(Walk& walk, std::uint64_t key) {
  const auto& request = *walk.message;
  auto& server =
      *servers_.emplace(static_cast<Host&>(*this), request.method(), parser::reply_flow(request))
           .second;
  server.request = walk.message;
  walk.server = server.id;
  server.key = key;
  server.start();
  by_key_.insert(key, server);
  context_.stats.add(counters_.uas_transactions);
  context_.stats.add(counters_.in_use);
  return server;
}

/// The INVITE that a CANCEL is of, if there is one.
loop::ServerId TransactionLayer::invite_of(const parser::Message& cancel) const {
  const auto* const invite = by_key_.find(server_key(table_key_, cancel, Method::invite));
  return invite && is_of(cancel, *invite) ? invite->id : loop::ServerId();
}

/// RFC 3261 16.10 and 9.2: the CANCEL is answered here, and what it cancels is cancelled.
Verdict TransactionLayer::cancel_up(Walk& walk, loop::ServerId invite) {
  const auto verdict = answer(walk, 200);
  cancel(invite, reason_lines(*walk.message));
  return verdict;
}

void TransactionLayer::cancel(loop::ServerId id, std::string reason) {
  auto* const invite = servers_.find(id);
  if (!invite || !invite->is_invite() || invite->final() || invite->cancelled) return;
  invite->cancelled = true;
  const auto waiting = invite->walk;
  if (invite->branches && invite->branches->has_pending()) {
    invite->branches->set_reason(std::move(reason));
    cancel_pending(*invite);
  } else {
    reply(*invite, 487);
  }
  // Not before the answers are on their way: the program that is told may answer too.
  context_.defer([this, waiting] { context_.path.cancel(waiting); });
}

/// Answers the walk's own request, which goes back down from here.
Verdict TransactionLayer::answer(Walk& walk, unsigned code) {
  walk.draft = parser::make_reply(*walk.message, options_.tag_key, code);
  if (!walk.server) walk.flow = parser::reply_flow(*walk.message);
  return down(walk);
}

Verdict TransactionLayer::shed(Walk& walk) {
  context_.stats.add(counters_.shed_requests);
  walk.draft = parser::make_overload_reply(*walk.message, options_.tag_key);
  walk.flow = parser::reply_flow(*walk.message);
  return down(walk);
}

/// All that is left to come is the same request.
bool TransactionLayer::is_settled_by(unsigned code, bool made_here,
                                     const ServerTransaction& server) {
  return made_here && code >= 200 && !server.is_invite() && !server.branches && !server.final();
}

/// Ends a transaction; what a retransmission needs is kept. Over a connection there are none.
Verdict TransactionLayer::keep_answer(Walk& walk, const ServerTransaction& server) {
  walk.flow = server.source;
  if (!base::is_reliable(walk.flow.transport)) {
    const auto found_by = server.merge_key ? server.merge_key : server.key;
    answered_.add(found_by, server.key, server.source, *walk.message, *walk.draft);
  }
  server_ended(server.id);
  return Verdict::down;
}

Verdict TransactionLayer::answer_again(Walk& walk, const AnsweredRequests::Entry& answered) {
  context_.stats.add(counters_.retransmissions);
  walk.draft = answered.repeat(*walk.message, options_.tag_key);
  walk.flow = answered.to();
  return Verdict::down;
}

/// Ends a transaction as if there had been none.
Verdict TransactionLayer::forget(Walk& walk, ServerTransaction& server) {
  walk.flow = server.source;
  server_ended(server.id);
  return Verdict::down;
}

/// All that an INVITE has been told so far is a 100 of ours, which is not kept: few are asked for
/// again, and while a call waits there would be one for each.
bool TransactionLayer::was_only_tried(ServerTransaction& server) {
  return server.is_invite() && server.provisional && !server.final() && !server.sent();
}

/// Makes the same 100 again; this one is kept.
void TransactionLayer::try_again(ServerTransaction& server) {
  context_.stats.add(counters_.retransmissions);
  Walk walk = Walk::down(loop::LayerId::parser);
  walk.message = server.request;
  walk.draft = parser::make_reply(*walk.message, options_.tag_key, 100);
  walk.flow = server.source;
  walk.keep = &server.sent();
  context_.path.launch(std::move(walk));
}

/// Answers a request that is not on its way at the moment. A final answer is L3's to see: no dialog
/// comes of the request.
void TransactionLayer::reply(ServerTransaction& server, unsigned code) {
  Walk walk = Walk::down(code < 200 ? loop::LayerId::transaction : loop::LayerId::dialog);
  walk.message = server.request;
  walk.server = server.id;
  walk.draft = parser::make_reply(*walk.message, options_.tag_key, code);
  context_.path.launch(std::move(walk));
}

/// An ACK for a 2xx that was made here: it need not be repeated any more.
bool TransactionLayer::confirm(const parser::Message& ack) {
  if (by_ack_key_.size() == 0) return false;
  auto* const server = by_ack_key_.find(ack_key(table_key_, ack, ack.to().tag));
  if (!server) return false;
  std::get<ServerInvite>(server->machine).confirmed();
  return true;
}

/// A 2xx that was made here has nobody behind us who would repeat it.
void TransactionLayer::expect_ack(Walk& walk, ServerTransaction& server) {
  const auto& request = *walk.message;
  const auto tag = request.to().tag.empty() ? walk.draft->to_tag : request.to().tag;
  walk.keep = &server.sent();
  server.ack_key = ack_key(table_key_, request, tag);
  by_ack_key_.insert(server.ack_key, server);
}

/// To where the next Via says, if not to where its request came from (RFC 3261 16.11).
Verdict TransactionLayer::stateless_response_down(Walk& walk, unsigned code, bool made_here) {
  context_.stats.add(counters_.stateless_replies);
  context_.stats.add(counters_.stateless_of_class[std::min(code / 100, 6U)]);
  if (made_here) return Verdict::down;  // the flow is set already
  const auto flow = parser::next_via_flow(*walk.message);
  const auto socket =
      flow ? sockets_.choose(flow->transport, flow->peer, walk.flow.socket) : std::nullopt;
  if (!socket) return Verdict::done;
  walk.flow = *flow;
  walk.flow.socket = *socket;
  return Verdict::down;
}

Verdict TransactionLayer::response_down(Walk& walk, unsigned code, bool made_here) {
  // A branch that it came by does not fail because the caller cannot be reached.
  walk.client = {};
  if (!walk.server) return stateless_response_down(walk, code, made_here);
  auto* server = servers_.find(walk.server);
  if (!server) return Verdict::done;
  if (!server->is_invite()) {  // RFC 4320 4.1, 4.2
    if (code > 100 && code < 200) return Verdict::done;
    if (code == 408) {  // nobody waits for it any more
      server->abandon();
      settle(*server, code);
      return Verdict::done;
    }
  }
  const bool was_final = server->final();
  const bool refused = is_challenge(code) || (code == 503 && loop::is_shedding(context_));
  if (!was_final && !server->branches && refused) {
    count_answer(*server, code);
    return forget(walk, *server);
  }
  if (is_settled_by(code, made_here, *server)) {
    count_answer(*server, code);
    return keep_answer(walk, *server);
  }
  if (!server->respond(code, made_here)) return Verdict::done;
  walk.flow = server->source;
  const bool success_of_invite = server->is_invite() && code >= 200 && code < 300;
  if (!success_of_invite) {
    if (!is_first_trying(*walk.draft, code, *server)) walk.keep = &server->sent();
  } else if (made_here && !was_final) {
    expect_ack(walk, *server);  // RFC 6026: any other is the callee's to repeat
  }
  if (code < 200) {
    server->provisional = true;
  } else {
    if (!was_final) count_answer(*server, code);
    settle(*server, code);
  }
  return Verdict::down;
}

void TransactionLayer::count_answer(const ServerTransaction& server, unsigned code) {
  context_.stats.add(counters_.transactions_of_class[std::min(code / 100, 6U)]);
  if (server.version) context_.bus.publish(Answered{server.version, code});
}

/// Takes our Via off a response (RFC 3261 16.7 step 3).
void TransactionLayer::strip_via(Walk& walk) const {
  auto& response = *walk.message;
  auto& edits = walk.draft->edits;
  const auto place = response.find(parser::HeaderName::via);
  const auto& header = response.headers()[place];
  const auto others = parser::vias_behind_top(response, place);
  if (others.empty()) return edits.remove(response.arena(), place);
  edits.replace(response.arena(), place, response.name(header), others);
}

/// A final answer is given, or there will be none: what was kept to make one can go. Its branches
/// stay known: a later 2xx still finds the way.
void TransactionLayer::settle(ServerTransaction& server, unsigned code) {
  server.request.reset();
  if (!server.branches) return;
  auto& branches = *server.branches;
  if (branches.has_pending()) {
    if (!server.cancelled && branches.reason().empty()) branches.set_reason(code);
    cancel_pending(server);
  }
  branches.close();
}

void TransactionLayer::server_late(loop::ServerId id) {
  if (auto* const server = servers_.find(id)) reply(*server, 100);
}

void TransactionLayer::server_ended(loop::ServerId id) {
  auto* server = servers_.find(id);
  if (!server) return;
  by_key_.erase(server->key, *server);
  if (server->merge_key) by_merge_key_.erase(server->merge_key, *server);
  if (server->ack_key) by_ack_key_.erase(server->ack_key, *server);
  context_.stats.subtract(counters_.in_use);
  const auto owner = server->owner;
  servers_.erase(id);
  if (owner) context_.bus.publish(OwnedEnded{owner});
}

}  // namespace opensips::transaction
