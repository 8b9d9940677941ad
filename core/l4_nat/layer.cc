#include "l4_nat/layer.hh"

#include "l1_parser/draft.hh"
#include "l1_parser/message.hh"
#include "l4_nat/behind_nat.hh"

namespace opensips::nat {

using loop::Verdict;
using loop::Walk;
using parser::Draft;

NatLayer::NatLayer(loop::Context& context, transaction::TransactionLayer& transactions)
    : context_(context),
      transactions_(transactions),
      natted_(context.statistics.counter("nathelper:natted_requests")) {}

Verdict NatLayer::up(Walk& walk) {
  const auto& message = *walk.message;
  // Who asks for rport needs nothing more.
  if (!message.is_request() || message.has_rport() || !is_behind_nat(message)) return Verdict::up;
  transactions_.force_rport(walk.server);
  return Verdict::up;
}

Verdict NatLayer::down(Walk& walk) {
  const auto& message = *walk.message;
  const bool forwards = message.is_request() && walk.draft->kind == Draft::Kind::forward;
  if (!forwards || !message.to().tag.empty()) return Verdict::down;
  auto& draft = *walk.draft;
  draft.source_behind_nat = is_behind_nat(message);
  // A flow that the registration has, and its contact has not.
  draft.target_behind_nat = draft.keeps_flow && walk.flow.transport == base::Transport::udp;
  if (draft.source_behind_nat || draft.target_behind_nat) context_.stats.add(natted_);
  return Verdict::down;
}

}  // namespace opensips::nat
