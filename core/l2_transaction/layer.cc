#include "l2_transaction/layer.hh"

#include <cerrno>

#include <fmt/format.h>

#include "l1_parser/peek.hh"
#include "l1_parser/reply.hh"

namespace opensips::transaction {

using loop::Verdict;
using loop::Walk;

TransactionLayer::Counters::Counters(base::Stats& stats)
    : uas_transactions(stats.counter("tm:UAS_transactions")),
      uac_transactions(stats.counter("tm:UAC_transactions")),
      in_use(stats.gauge("tm:inuse_transactions")),
      received_replies(stats.counter("tm:received_replies")),
      relayed_replies(stats.counter("tm:relayed_replies")),
      local_replies(stats.counter("tm:local_replies")),
      stray_replies(stats.counter("tm:stray_replies")),
      retransmissions(stats.counter("tm:retransmissions")),
      forwarded_requests(stats.counter("core:fwd_requests")),
      forwarded_replies(stats.counter("core:fwd_replies")),
      stateless_replies(stats.counter("sl:sent_replies")),
      stateless_acks(stats.counter("sl:received_ACKs")),
      shed_requests(stats.counter("core:shed_requests")),
      large_requests(stats.counter("tm:large_requests")),
      failovers(stats.counter("tm:failovers")),
      stateless_relayed(stats.counter("tm:stateless_relayed")) {
  for (unsigned i = 1; i < stateless_of_class.size(); ++i) {
    stateless_of_class[i] = stats.counter(fmt::format("sl:{}xx_replies", i));
    if (i > 1) transactions_of_class[i] = stats.counter(fmt::format("tm:{}xx_transactions", i));
  }
}

TransactionLayer::TransactionLayer(loop::Context& context, const transport::Sockets& sockets,
                                   const Options& options)
    : context_(context),
      sockets_(sockets),
      options_(options),
      servers_(context.worker(), context.epoch()),
      clients_(context.worker(), context.epoch()),
      counters_(context.statistics),
      answered_(context, counters_.in_use, options.timers.linger) {
  context.bus.subscribe<transport::SendFailed>([this](const transport::SendFailed& failed) {
    send_failed(failed.client, failed.error == ENOTCONN);
  });
  context.bus.subscribe<transport::Bounced>(
      [this](const transport::Bounced& event) { bounced(event); });
  context.bus.subscribe<transport::ConnectionClosed>(
      [this](const transport::ConnectionClosed& event) { connection_closed(event); });
  context.bus.subscribe<transport::Rerouted>(
      [this](const transport::Rerouted& event) { rerouted(event.client); });
  context.path.on_hold([this](const Walk& walk) {
    auto* server = walk.direction == Walk::Direction::up ? servers_.find(walk.server) : nullptr;
    if (server && walk.message->is_request()) server->walk = walk.id;
  });
}

namespace {

/// RFC 3261 16.7 step 6: that somebody else is overloaded is not said as if we were.
unsigned code_to_forward(Walk& walk) {
  const auto code = walk.message->code();
  const bool of_somebody = code == 503 && walk.message->source().peer;
  if (!walk.server || !of_somebody) return code;
  return walk.draft->code = 500;
}

}  // namespace

Verdict TransactionLayer::up(Walk& walk) {
  return walk.message->is_request() ? request_up(walk) : response_up(walk);
}

Verdict TransactionLayer::down(Walk& walk) {
  if (walk.draft->kind == parser::Draft::Kind::reply) {
    context_.stats.add(counters_.local_replies);
    return response_down(walk, walk.draft->code, true);
  }
  if (!walk.message->is_request()) {
    strip_via(walk);
    context_.stats.add(counters_.relayed_replies);
    context_.stats.add(counters_.forwarded_replies);
    return response_down(walk, code_to_forward(walk), false);
  }
  return request_down(walk);
}

void TransactionLayer::set_owner(loop::ServerId server, std::uint64_t owner) {
  if (auto* found = servers_.find(server)) found->owner = owner;
}

std::uint64_t TransactionLayer::owner(loop::ServerId server) const {
  const auto* found = servers_.find(server);
  return found ? found->owner : 0;
}

void TransactionLayer::set_version(loop::ServerId server, std::uint32_t version) {
  if (auto* found = servers_.find(server)) found->version = version;
}

void TransactionLayer::set_dialog_key(loop::ServerId server, std::uint64_t key) {
  if (auto* found = servers_.find(server)) found->dialog_key = key;
}

std::uint64_t TransactionLayer::dialog_key(loop::ServerId server) const {
  const auto* found = servers_.find(server);
  return found ? found->dialog_key : 0;
}

void TransactionLayer::show_responses(loop::ServerId server) {
  if (auto* found = servers_.find(server)) found->shows_responses = true;
}

bool TransactionLayer::is_final(loop::ServerId server) const {
  const auto* found = servers_.find(server);
  return !found || found->final();
}

bool TransactionLayer::is_cancelled(loop::ServerId server) const {
  const auto* found = servers_.find(server);
  return found && found->cancelled;
}

void TransactionLayer::trying(loop::ServerId server) {
  auto* found = servers_.find(server);
  if (!found || !found->is_invite() || found->provisional || found->final()) return;
  if (options_.auto_100trying) reply(*found, 100);
}

void TransactionLayer::force_rport(loop::ServerId server) {
  auto* found = servers_.find(server);
  if (!found || !found->request) return;
  found->request->force_rport();
  parser::stamp_via(*found->request);
  found->answer_to(parser::reply_flow(*found->request));
}

void TransactionLayer::abandon(loop::ServerId server) {
  auto* found = servers_.find(server);
  if (!found) return;
  found->abandon();
  settle(*found, 487);
}

void TransactionLayer::begin_round(loop::ServerId server, std::uint64_t timeout_ms,
                                   const Patience& patience) {
  auto* found = servers_.find(server);
  if (!found) return;
  if (!found->branches) {
    found->branches = std::make_unique<ResponseContext>(static_cast<Host&>(*this), server,
                                                        !options_.disable_6xx_block);
  }
  found->branches->begin_round(timeout_ms, patience);
}

bool TransactionLayer::has_looped(const parser::Message& request) const {
  return transaction::has_looped(options_.mac_key, request);
}

void TransactionLayer::send(const base::WireRef& wire, const base::Flow& flow) {
  if (!wire) return;
  context_.stats.add(counters_.retransmissions);
  Walk walk = Walk::down(loop::LayerId::transport);
  walk.wire = wire;
  walk.flow = flow;
  context_.path.launch(std::move(walk));
}

void TransactionLayer::for_each(const std::function<void(const View&)>& visit) {
  servers_.for_each([&](loop::ServerId, ServerTransaction& server) {
    const auto bytes = server.sent() ? server.sent()->view() : std::string_view();
    visit({.of_server = true,
           .method = parser::to_string(server.method),
           .state = server.state(),
           .call_id = server.request ? server.request->call_id() : parser::peek(bytes).call_id,
           .peer = &server.source});
  });
  answered_.for_each([&](const AnsweredRequests::Entry& answered) {
    visit({.of_server = true,
           .method = parser::to_string(answered.method()),
           .state = "completed",
           .call_id = {},
           .peer = &answered.to()});
  });
  clients_.for_each([&](loop::ClientId, ClientTransaction& client) {
    const auto bytes = client.sent() ? client.sent()->view() : std::string_view();
    const auto* const failover = client.failover.get();
    visit({.of_server = false,
           .method = parser::to_string(client.method),
           .state = client.state(),
           .call_id = client.waiting && failover ? failover->request->call_id()
                                                 : parser::peek(bytes).call_id,
           .peer = &client.to});
  });
}

}  // namespace opensips::transaction
