// Requests on their way down, and their responses on the way up.

#include <cassert>

#include "l1_parser/name_addr.hh"
#include "l1_parser/reply.hh"
#include "l1_parser/writer.hh"
#include "l2_transaction/layer.hh"

namespace opensips::transaction {

using loop::Verdict;
using loop::Walk;
using parser::HeaderName;
using parser::Method;

namespace {

// What we sent may have more than what we take: the headers that we added.
constexpr parser::Limits kOwnLimits{.headers = 4096, .vias = 256, .line = 65536, .uri = 65536};

constexpr unsigned kFlowFailed = 430;

/// There is a Via below ours: a response that has none is for nobody behind us (RFC 3261 16.7 step
/// 3).
bool goes_further(const parser::Message& response) {
  const auto place = response.find(HeaderName::via);
  parser::ValueList values(response.value(response.headers()[place]));
  values.next();
  return values.next() || response.find(HeaderName::via, place + 1) < response.headers().size();
}

}  // namespace

/// A branch of a server transaction: gets a client transaction, whose id is in the branch of its
/// Via.
Verdict TransactionLayer::request_down(Walk& walk) {
  auto* server = servers_.find(walk.server);
  if (!server || server->final() || server->cancelled) return Verdict::done;
  assert(server->branches);
  trying(server->id);

  auto& client = *clients_.emplace(static_cast<Host&>(*this), server->method, walk.flow).second;
  client.server = server->id;
  server->branches->add(client.id);
  context_.stats.add(counters_.uac_transactions);

  const auto hash = loop_hash(options_.mac_key, *walk.message);
  push_via(walk, Branch{context_.epoch(), client.id, hash});
  walk.client = client.id;
  walk.keep = &client.sent();
  client.start();
  return Verdict::down;
}

/// An ACK, which has no transaction: the same request gets the same branch, so that a copy is seen
/// to be one (RFC 3261 16.11).
Verdict TransactionLayer::stateless_down(Walk& walk) {
  const auto& via = walk.message->via();
  const auto id = base::siphash(options_.mac_key, via.branch.empty() ? via.text : via.branch);
  push_via(walk, Branch{0, {}, id});
  return Verdict::down;
}

void TransactionLayer::push_via(Walk& walk, const Branch& branch) const {
  auto& message = *walk.message;
  auto& arena = message.arena();
  const auto& socket = sockets_.at(walk.flow.socket);
  const auto text =
      arena.concat({"SIP/2.0/", base::via_name(socket.transport), " ", socket.sent_by,
                    ";branch=", write_branch(arena, options_.mac_key, branch, message.call_id())});
  walk.draft->edits.insert_first(arena, message.find(parser::HeaderName::via), "Via", text);
}

Verdict TransactionLayer::response_up(Walk& walk) {
  const auto& response = *walk.message;
  context_.stats.add(counters_.received_replies);
  const auto branch = read_branch(options_.mac_key, response.via().branch, response.call_id());
  auto* client =
      branch && branch->epoch == context_.epoch() ? clients_.find(branch->client) : nullptr;
  // The response to our CANCEL has the branch of what it cancels (RFC 3261 9.1).
  if (client && response.method() == Method::cancel) client = clients_.find(client->cancel);
  const bool for_caller = client && client->server;
  if (!client || client->method != response.method() || (for_caller && !goes_further(response))) {
    context_.stats.add(counters_.stray_replies);  // nobody waits for it (RFC 6026 8.8)
    return Verdict::done;
  }
  if (!client->receive(response)) return Verdict::done;
  return deliver(walk, *client);
}

/// The response context decides whether a response goes up now, later, or another in its place.
Verdict TransactionLayer::deliver(Walk& walk, ClientTransaction& client) {
  walk.client = client.id;
  walk.server = client.server;
  auto* server = servers_.find(client.server);
  if (!server || !server->branches) return Verdict::done;
  auto& branches = *server->branches;
  const auto decision = branches.receive(client.id, walk.message);
  if (branches.decided()) cancel_pending(*server);
  switch (decision) {
    case ResponseContext::Decision::absorb: return Verdict::done;
    case ResponseContext::Decision::forward: return Verdict::up;
    case ResponseContext::Decision::over: walk.message = branches.best(); return Verdict::up;
  }
  return Verdict::done;
}

/// Takes it as if the branch had answered with this code (RFC 3261 16.7, 16.9).
void TransactionLayer::local_response(ClientTransaction& client, unsigned code) {
  const auto* server = servers_.find(client.server);
  if (!server || !client.sent()) return;
  if (server->cancelled) code = 487;
  const auto request = parser::Message::parse(client.sent()->view(), client.to, kOwnLimits).message;
  if (!request) return;
  // A client whose connection is gone is not there; within a dialog it is this flow that is not.
  if (code == kFlowFailed && request->to().tag.empty()) code = 480;
  const auto* draft = parser::make_reply(*request, options_.tag_key, code);
  const auto bytes = parser::write(*request, *draft);
  Walk walk = Walk::up(loop::LayerId::dialog);
  walk.flow = client.to;
  walk.message = parser::Message::parse(bytes->view(), client.to, kOwnLimits).message;
  if (deliver(walk, client) == Verdict::up) context_.path.launch(std::move(walk));
}

/// RFC 3261 17.1.4 and 16.9: as if the branch had answered 503; 430 if all there was to reach it by
/// was a connection that is gone (RFC 5626 5.3.1).
void TransactionLayer::send_failed(loop::ClientId id, bool no_way) {
  auto* client = clients_.find(id);
  if (!client) return;
  local_response(*client, no_way ? kFlowFailed : 503);
  client_ended(id);
}

void TransactionLayer::cancel_pending(ServerTransaction& server) {
  for (const auto id : server.branches->pending()) {
    if (auto* client = clients_.find(id)) cancel_branch(*client);
  }
}

/// RFC 3261 9.1: no CANCEL before a provisional response, none for anything but an INVITE.
void TransactionLayer::cancel_branch(ClientTransaction& client) {
  if (!client.is_invite() || client.cancel) return;
  if (client.invite().state() == ClientInvite::State::calling) client.cancel_wanted = true;
  if (client.invite().state() != ClientInvite::State::proceeding) return;
  auto& cancel = *clients_.emplace(static_cast<Host&>(*this), Method::cancel, client.to).second;
  client.cancel = cancel.id;
  cancel.sent() = parser::write_cancel(client.sent()->view());
  cancel.start();
  send(cancel.sent(), cancel.to);
  client.invite().cancelled();
}

/// The branches still pending are given up: cancelled, and counted as 408 at once, so that the
/// program need not wait for their 487. A 2xx that comes all the same is forwarded.
void TransactionLayer::round_timed_out(loop::ServerId id) {
  auto* server = servers_.find(id);
  if (!server) return;
  const auto late = server->branches->pending();
  for (const auto branch : late) {
    auto* client = clients_.find(branch);
    if (!client) continue;
    cancel_branch(*client);
    local_response(*client, 408);
  }
}

void TransactionLayer::client_provisional(loop::ClientId id) {
  auto* client = clients_.find(id);
  if (client && client->cancel_wanted) cancel_branch(*client);
}

void TransactionLayer::client_timed_out(loop::ClientId id) {
  auto* client = clients_.find(id);
  if (!client) return;
  const bool rings = client->is_invite() && !client->cancel &&
                     client->invite().state() == ClientInvite::State::proceeding;
  if (rings) cancel_branch(*client);  // timer C (RFC 3261 16.8)
  local_response(*client, 408);
  if (!rings) client_ended(id);  // a branch that rang waits for its 487
}

void TransactionLayer::client_ended(loop::ClientId id) {
  clients_.erase(id);
}

}  // namespace opensips::transaction
