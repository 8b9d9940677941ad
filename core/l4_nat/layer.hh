#pragma once

#include "base/stats.hh"
#include "l2_transaction/layer.hh"
#include "loop/context.hh"
#include "loop/layer.hh"

namespace opensips::nat {

/// L4, optional: clients behind NAT. What such a client says of its address is good for nobody; all
/// of it stands as it came, and what is sent to the client goes where it is seen instead:
///
///   answers      to the port that the request came from, as if its Via had rport (RFC 3581);
///   in a dialog  by the address that our Record-Route names under its proof (l3_dialog/proof);
///   to contacts  by the flow of their registration, which location keeps.
///
/// Over a connection all that is so anyway. One worker.
class NatLayer final : public loop::Layer {
 public:
  NatLayer(loop::Context& context, transaction::TransactionLayer& transactions);

  loop::Verdict up(loop::Walk& walk) override;
  loop::Verdict down(loop::Walk& walk) override;

 private:
  loop::Context& context_;
  transaction::TransactionLayer& transactions_;
  base::Counter natted_;
};

}  // namespace opensips::nat
