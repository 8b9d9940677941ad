// Requests for a name: the servers behind it, one after the other (RFC 3263 4).

#include "l2_transaction/failover.hh"

#include <charconv>
#include <chrono>
#include <utility>

#include "base/log.hh"
#include "l1_parser/writer.hh"
#include "l2_transaction/layer.hh"

namespace opensips::transaction {

using loop::Walk;
using parser::HeaderName;

namespace {

/// Seconds; 0 if it does not say.
std::uint32_t retry_after(const base::Ref<parser::Message>& refusal) {
  if (!refusal) return 0;
  const auto place = refusal->find(HeaderName::retry_after);
  if (place == refusal->headers().size()) return 0;
  const auto text = refusal->value(refusal->headers()[place]);
  std::uint32_t seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return seconds;
}

/// A draft that the layers below may add to.
parser::Draft* copy_of(const parser::Draft& draft, base::Arena& arena) {
  auto* const copy = arena.make<parser::Draft>(draft);
  copy->edits = draft.edits.copy(arena);
  return copy;
}

void log_not_found(const Failover& failover) {
  static base::KeyedRateLimit limits{std::chrono::seconds(10)};
  const auto& name = failover.search->name();
  base::log_limited(limits.of(name), base::LogLevel::err, "call {}: cannot find {}: {}",
                    failover.request->call_id(), name, failover.search->why());
}

}  // namespace

void TransactionLayer::forward(Walk walk, std::unique_ptr<transport::Search> search,
                               loop::LayerId origin) {
  auto* const server = servers_.find(walk.server);
  if (walk.server && (!server || server->final() || server->cancelled)) return;
  auto& client = stand_in(walk.message->method(), walk.server);
  if (server) server->branches->add(client.id);
  client.failover = std::make_unique<Failover>(
      Failover{std::move(search), walk.message, walk.draft, origin, walk.mask, {}, 503, {}});
  const auto server_id = walk.server;
  seek(client.id);
  trying(server_id);
}

ClientTransaction& TransactionLayer::stand_in(parser::Method method, loop::ServerId server) {
  auto& client = *clients_.emplace(static_cast<Host&>(*this), method, base::Flow()).second;
  client.server = server;
  client.waiting = true;
  return client;
}

/// Sends the request to the next server, now or when it is found.
void TransactionLayer::seek(loop::ClientId id) {
  clients_.find(id)->failover->search->next([this, id](const base::Result<base::Flow>& found) {
    if (found) return send_to(id, *found);
    // Nothing comes up in the call that sends something down.
    context_.defer([this, id] { give_up(id); });
  });
}

void TransactionLayer::send_to(loop::ClientId id, const base::Flow& flow) {
  const auto* const client = clients_.find(id);
  const Failover& failover = *client->failover;
  Walk walk;
  walk.mask = failover.mask;
  walk.message = failover.request;
  walk.server = client->server;
  walk.client = id;
  walk.draft = copy_of(*failover.draft, failover.request->arena());
  walk.flow = flow;
  const auto origin = failover.origin;
  if (!walk.server && !client->uac) {  // an ACK: one server gets it; nobody says whether it did
    walk.client = {};
    clients_.erase(id);
  }
  context_.path.launch_below(origin, std::move(walk));
}

/// The request is on its way to the server that was found: `before` is what stood in for it.
void TransactionLayer::take_over(ClientTransaction& before, ClientTransaction& client) {
  hand_on(before, client);
  clients_.erase(before.id);
}

/// The branch, or the request of our own, goes on as another client transaction.
void TransactionLayer::hand_on(ClientTransaction& before, ClientTransaction& client) {
  if (auto* const server = servers_.find(client.server)) {
    server->branches->replace(before.id, client.id);
  }
  client.failover = std::move(before.failover);
  client.uac = std::exchange(before.uac, {});
  if (client.uac) user_->goes_by(client.uac, client.id);
}

bool TransactionLayer::may_go_elsewhere(const ClientTransaction& failed) const {
  if (!failed.failover || failed.cancel || failed.cancel_wanted) return false;
  if (failed.uac) return true;
  const auto* const server = servers_.find(failed.server);
  return server && !server->final() && !server->cancelled && !server->branches->decided() &&
         server->branches->is_pending(failed.id);
}

bool TransactionLayer::try_elsewhere(ClientTransaction& failed, unsigned code,
                                     const base::Ref<parser::Message>& refusal) {
  if (!failed.failover) return false;
  failed.failover->search->failed(retry_after(refusal));
  if (!may_go_elsewhere(failed)) return false;
  auto& next = stand_in(failed.method, failed.server);
  hand_on(failed, next);
  next.failover->refusal = refusal;
  next.failover->code = static_cast<std::uint16_t>(code);
  if (!refusal) next.failover->sent = failed.sent();
  context_.stats.add(counters_.failovers);
  seek(next.id);
  return true;
}

/// There is no server, or none is left: the branch says what the last one did.
void TransactionLayer::give_up(loop::ClientId id) {
  auto* const client = clients_.find(id);
  if (!client || !client->waiting) return;
  const auto& failover = *client->failover;
  if (!failover.search->tried_any()) log_not_found(failover);
  if (!failover.refusal) return give_up(id, failover.code);
  Walk walk = Walk::up(loop::LayerId::dialog);
  walk.message = failover.refusal;
  walk.flow = walk.message->source();
  const auto verdict = deliver(walk, *client);
  client_ended(id);
  if (verdict == loop::Verdict::up) context_.path.launch(std::move(walk));
}

/// A branch that waits for a server to be found is not wanted any more, or has waited too long.
void TransactionLayer::give_up(loop::ClientId id, unsigned code) {
  auto* const client = clients_.find(id);
  if (!client || !client->waiting) return;
  local_response(*client, code);
  client_ended(id);
}

/// The request as it was sent, or as it would have been: an answer is made from it.
base::WireRef TransactionLayer::request_of(ClientTransaction& client) const {
  if (!client.waiting) return client.sent();
  const Failover& failover = *client.failover;
  if (failover.sent) return failover.sent;
  auto& request = *failover.request;
  auto* const draft = copy_of(*failover.draft, request.arena());
  // Stands where ours would: it is taken off on the way back to the caller.
  draft->edits.insert_first(request.arena(), request.find(HeaderName::via), "Via",
                            "SIP/2.0/UDP not-sent.invalid;branch=z9hG4bKnot-sent");
  return parser::write(request, *draft);
}

}  // namespace opensips::transaction
