// Requests of the server's own: client transactions that are no branch of anything (RFC 3261 8.1).

#include <utility>

#include "l2_transaction/failover.hh"
#include "l2_transaction/layer.hh"

namespace opensips::transaction {

using loop::LayerId;
using loop::Verdict;
using loop::Walk;

void TransactionLayer::originate(UacId request, const base::Ref<parser::Message>& message,
                                 parser::Draft& draft, transport::NextHop hop) {
  // As for a name, something stands in until the request goes down.
  auto& client = stand_in(message->method(), {});
  client.uac = request;
  user_->goes_by(request, client.id);
  Walk walk;
  walk.message = message;
  walk.draft = &draft;
  if (hop.search) {
    client.failover = std::make_unique<Failover>(
        Failover{std::move(hop.search), message, &draft, LayerId::dialog, walk.mask, {}, 503, {}});
    return seek(client.id);
  }
  walk.client = client.id;
  walk.flow = hop.flow;
  context_.path.launch_below(LayerId::dialog, std::move(walk));
}

/// It gets a hash that no request has: what comes back to us is not its loop, we are its origin.
Verdict TransactionLayer::own_down(Walk& walk) {
  auto* const before = clients_.find(walk.client);
  if (!before) return Verdict::done;
  auto& client = new_client(walk, before->method);
  take_over(*before, client);
  return start(walk, client, 0);
}

void TransactionLayer::acknowledge(const base::Ref<parser::Message>& ack, transport::NextHop hop) {
  Walk walk;
  walk.message = ack;
  walk.draft = ack->arena().make<parser::Draft>();
  walk.flow = hop.flow;
  if (hop.search) return forward(std::move(walk), std::move(hop.search), LayerId::dialog);
  context_.path.launch_below(LayerId::dialog, std::move(walk));
}

void TransactionLayer::cancel(loop::ClientId id) {
  if (auto* const client = clients_.find(id)) cancel_branch(*client);
}

Verdict TransactionLayer::deliver_own(const ClientTransaction& client,
                                      const base::Ref<parser::Message>& response) {
  user_->receive(client.uac, client.to, response);
  return Verdict::done;
}

}  // namespace opensips::transaction
