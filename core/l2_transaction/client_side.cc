// Requests on their way down, and their responses on the way up.

#include <cassert>
#include <utility>

#include "l1_parser/name_addr.hh"
#include "l1_parser/peek.hh"
#include "l1_parser/reply.hh"
#include "l1_parser/scanner.hh"
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

/// Made here, so it came from nowhere.
bool is_own(const parser::Message& message) {
  return !message.source().peer;
}

std::string_view via_text(base::Arena& arena, const transport::Socket& socket,
                          std::string_view branch) {
  return arena.concat(
      {"SIP/2.0/", base::via_name(socket.transport), " ", socket.sent_by, ";branch=", branch});
}

/// The branch of the top Via of a datagram, of which the end may be missing.
std::string_view top_branch(std::string_view datagram) {
  parser::HeaderScanner scanner(datagram);
  if (!scanner.start_line()) return {};
  parser::HeaderLine header;
  while (scanner.next(header)) {
    if (header.bad || parser::header_name_of(header.name()) != HeaderName::via) continue;
    const auto value = parser::ValueList(header.value()).next();
    const auto via = value ? parser::Via::parse(*value) : base::Failure(base::Error::malformed);
    return via ? via->branch : std::string_view{};
  }
  return {};
}

}  // namespace

Verdict TransactionLayer::request_down(Walk& walk) {
  if (!is_own(*walk.message)) context_.stats.add(counters_.forwarded_requests);
  if (walk.server) return branch_down(walk);
  return walk.client ? own_down(walk) : stateless_down(walk);
}

/// A branch of a server transaction.
Verdict TransactionLayer::branch_down(Walk& walk) {
  auto* server = servers_.find(walk.server);
  if (!server || server->final() || server->cancelled) return Verdict::done;
  assert(server->branches);
  trying(server->id);

  auto& client = new_client(walk, server->method);
  client.server = server->id;
  client.patience = server->branches->patience();
  if (auto* const before = clients_.find(walk.client)) {
    take_over(*before, client);
  } else {
    server->branches->add(client.id);
  }
  return start(walk, client, loop_hash(options_.mac_key, *walk.message));
}

/// What is too large for a datagram turns to a stream here, where its size can be known.
ClientTransaction& TransactionLayer::new_client(Walk& walk, Method method) {
  const auto datagrams = walk.flow;
  const auto stream = flow_for_size(walk);
  if (stream) walk.flow = *stream;
  auto& client = *clients_.emplace(static_cast<Host&>(*this), method, walk.flow).second;
  if (stream) {
    client.datagrams = datagrams;
    context_.stats.add(counters_.large_requests);
  }
  in_flight_.add(client);
  context_.stats.add(counters_.uac_transactions);
  return client;
}

/// The id of the client transaction is in the branch of its Via.
Verdict TransactionLayer::start(Walk& walk, ClientTransaction& client, std::uint64_t loop_hash) {
  push_via(walk, Branch{context_.epoch(), client.id, loop_hash});
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

/// RFC 3261 18.1.1: a request that is too large for a datagram goes by TCP, if there is a socket
/// for that. Nothing: as it is. An ACK is not asked about, which nobody could send again.
std::optional<base::Flow> TransactionLayer::flow_for_size(const Walk& walk) const {
  using base::Transport;
  constexpr std::size_t kVia = 96;  // its line without the sent-by
  const auto& message = *walk.message;
  if (options_.udp_mtu == 0 || walk.flow.transport != Transport::udp) return std::nullopt;
  const bool has_new_body = message.edits().has_body() || walk.draft->edits.has_body();
  const bool is_small = message.raw().size() < options_.udp_mtu / 2 && !has_new_body;
  if (is_small || walk.draft->keeps_flow) return std::nullopt;
  const auto via = kVia + sockets_.at(walk.flow.socket).sent_by.size();
  if (parser::forwarded_size(message, *walk.draft) + via <= options_.udp_mtu) return std::nullopt;
  const auto socket = sockets_.choose(Transport::tcp, walk.flow.peer, walk.flow.socket);
  if (!socket) return std::nullopt;
  return base::Flow{walk.flow.peer, *socket, Transport::tcp};
}

void TransactionLayer::push_via(Walk& walk, const Branch& branch) const {
  auto& message = *walk.message;
  auto& arena = message.arena();
  char room[128];
  base::Arena scratch(room, sizeof room);
  const auto text = via_text(arena, sockets_.at(walk.flow.socket),
                             write_branch(scratch, options_.mac_key, branch, message.call_id()));
  const auto place = message.find(HeaderName::via);
  if (is_own(message)) {  // it has one that keeps the place
    walk.draft->edits.replace(arena, place, "Via", text);
  } else {
    walk.draft->edits.insert_first(arena, place, "Via", text);
  }
}

Verdict TransactionLayer::response_up(Walk& walk) {
  const auto& response = *walk.message;
  context_.stats.add(counters_.received_replies);
  const auto branch = read_branch(options_.mac_key, response.via().branch, response.call_id());
  if (branch && !branch->client) {  // RFC 3261 16.11: its request was forwarded without a state
    context_.stats.add(counters_.stateless_relayed);
    return Verdict::up;
  }
  auto* client =
      branch && branch->epoch == context_.epoch() ? clients_.find(branch->client) : nullptr;
  // The response to our CANCEL has the branch of what it cancels (RFC 3261 9.1).
  if (client && response.method() == Method::cancel) client = clients_.find(client->cancel);
  const bool for_caller = client && client->server;
  const bool for_us = client && client->uac;
  const bool astray =
      (for_caller && !parser::goes_further(response)) || (for_us && parser::goes_further(response));
  if (!client || client->method != response.method() || astray) {
    context_.stats.add(counters_.stray_replies);  // nobody waits for it (RFC 6026 8.8)
    return Verdict::done;
  }
  if (!client->receive(response)) return Verdict::done;
  if (response.code() == 503 && try_elsewhere(*client, 503, walk.message)) return Verdict::done;
  return deliver(walk, *client);
}

/// The response context decides whether a response goes up now, later, or another in its place.
Verdict TransactionLayer::deliver(Walk& walk, ClientTransaction& client) {
  if (client.uac) return deliver_own(client, walk.message);
  walk.client = client.id;
  walk.server = client.server;
  auto* server = servers_.find(client.server);
  if (!server || !server->branches) return Verdict::done;
  if (server->shows_responses && walk.message->code() != 100) {
    const bool goes_on = watcher_->watch(server->owner, walk.message);
    if (!goes_on && walk.message->code() < 200) return Verdict::done;
  }
  auto& branches = *server->branches;
  const auto decision = branches.receive(client.id, walk.message);
  if (branches.decided() && branches.has_pending()) {
    branches.set_reason(walk.message->code());
    cancel_pending(*server);
  }
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
  const auto sent = server || client.uac ? request_of(client) : base::WireRef();
  if (!sent) return;
  if (server && server->cancelled) code = 487;
  const auto request = parser::Message::parse(sent->view(), client.to, kOwnLimits).message;
  if (!request) return;
  // A client whose connection is gone is not there; within a dialog it is this flow that is not.
  if (code == kFlowFailed && request->to().tag.empty()) code = 480;
  const auto* draft = parser::make_reply(*request, options_.tag_key, code);
  const auto bytes = parser::write(*request, *draft);
  Walk walk = Walk::up(loop::LayerId::dialog);
  walk.flow = client.to;
  walk.message = parser::Message::parse(bytes->view(), {}, kOwnLimits).message;  // from nowhere
  if (deliver(walk, client) == Verdict::up) context_.path.launch(std::move(walk));
}

/// RFC 3261 17.1.4 and 16.9: as if the branch had answered 503; 430 if all there was to reach it by
/// was a connection that is gone (RFC 5626 5.3.1).
void TransactionLayer::send_failed(loop::ClientId id, bool no_way) {
  auto* client = clients_.find(id);
  if (!client) return;
  const bool again = client->datagrams && client->unanswered() && !client->cancel_wanted;
  if (again) return send_by_udp(*client);
  if (!try_elsewhere(*client, 503)) local_response(*client, no_way ? kFlowFailed : 503);
  client_ended(id);
}

/// There is no TCP to that peer: the large request goes by UDP all the same (RFC 3261 18.1.1). It
/// keeps its branch, which nobody has seen.
void TransactionLayer::send_by_udp(ClientTransaction& client) {
  const auto flow = *std::exchange(client.datagrams, std::nullopt);
  const auto request = parser::Message::parse(client.sent()->view(), flow, kOwnLimits).message;
  auto& arena = request->arena();
  const auto place = request->find(HeaderName::via);
  parser::Draft draft;
  draft.edits.replace(arena, place, "Via",
                      via_text(arena, sockets_.at(flow.socket), request->via().branch));
  in_flight_.remove(client);
  client.redirect(*this, flow);
  in_flight_.add(client);
  client.sent() = parser::write(*request, draft);
  client.start();
  Walk walk = Walk::down(loop::LayerId::transport);
  walk.wire = client.sent();
  walk.flow = flow;
  walk.client = client.id;
  context_.path.launch(std::move(walk));
}

/// RFC 3261 18.4. Believed only with the bytes that went there: who forges an ICMP message does not
/// know the branch.
void TransactionLayer::bounced(const transport::Bounced& event) {
  const auto branch =
      read_branch(options_.mac_key, top_branch(event.bytes), parser::peek(event.bytes).call_id);
  if (!branch || branch->epoch != context_.epoch()) return;
  auto* client = clients_.find(branch->client);
  if (!client || !(client->to.peer == event.to) || !client->unanswered() || !client->sent()) return;
  if (client->sent()->view().starts_with(event.bytes)) send_failed(client->id, false);
}

/// As if it could not be sent. A branch that rings may still be answered over another connection
/// (RFC 3261 18.2.2), and has timer C.
void TransactionLayer::connection_closed(const transport::ConnectionClosed& event) {
  for (const auto id : in_flight_.take(event.flow, event.led_to_peer)) {
    const auto* client = clients_.find(id);
    if (client && client->may_time_out()) send_failed(id, !client->to.may_connect());
  }
}

void TransactionLayer::rerouted(loop::ClientId id) {
  auto* client = clients_.find(id);
  if (!client) return;
  in_flight_.remove(*client);
  client->to.connection = {};
  in_flight_.add(*client);
}

void TransactionLayer::cancel_pending(ServerTransaction& server) {
  for (const auto id : server.branches->pending()) {
    if (auto* client = clients_.find(id)) cancel_branch(*client);
  }
}

/// RFC 3261 9.1: no CANCEL before a provisional response, none for anything but an INVITE.
void TransactionLayer::cancel_branch(ClientTransaction& client) {
  if (client.waiting) {
    return context_.defer([this, id = client.id] { give_up(id, 487); });
  }
  if (!client.is_invite() || client.cancel) return;
  if (client.invite().state() == ClientInvite::State::calling) client.cancel_wanted = true;
  if (client.invite().state() != ClientInvite::State::proceeding) return;
  auto& cancel = *clients_.emplace(static_cast<Host&>(*this), Method::cancel, client.to).second;
  client.cancel = cancel.id;
  cancel.sent() = parser::write_cancel(client.sent()->view(), reason_of_cancel(client));
  cancel.start();
  send(cancel.sent(), cancel.to);
  client.invite().cancelled();
}

std::string_view TransactionLayer::reason_of_cancel(const ClientTransaction& client) const {
  const auto* const server = servers_.find(client.server);
  return server && server->branches ? std::string_view(server->branches->reason())
                                    : std::string_view();
}

/// The branches still pending are given up: cancelled, and counted as 408 at once, so that the
/// program need not wait for their 487. A 2xx that comes all the same is forwarded.
void TransactionLayer::round_timed_out(loop::ServerId id) {
  auto* server = servers_.find(id);
  if (!server) return;
  const auto late = server->branches->pending();
  server->branches->set_reason(408);
  for (const auto branch : late) time_out(branch);
}

void TransactionLayer::time_out(loop::ClientId id) {
  auto* client = clients_.find(id);
  if (!client) return;
  if (client->waiting) return give_up(id, 408);
  cancel_branch(*client);
  local_response(*client, 408);
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
  if (client->unanswered() && try_elsewhere(*client, 408)) return client_ended(id);
  if (rings) cancel_branch(*client);  // timer C (RFC 3261 16.8)
  local_response(*client, 408);
  if (!rings) client_ended(id);  // a branch that rang waits for its 487
}

void TransactionLayer::client_ended(loop::ClientId id) {
  auto* client = clients_.find(id);
  if (!client) return;
  in_flight_.remove(*client);
  const auto uac = client->uac;
  clients_.erase(id);
  if (uac) user_->ended(uac, id);
}

}  // namespace opensips::transaction
