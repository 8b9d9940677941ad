#pragma once

#include "base/flow.hh"
#include "base/id.hh"
#include "base/ref.hh"
#include "l1_parser/message.hh"
#include "loop/walk.hh"

namespace opensips::transaction {

/// A request of the server's own, from Uac::send() to its end.
using UacId = base::Id<struct UacTag>;

/// Whose client transactions they are that belong to no server transaction. Called on the worker,
/// never inside the call that sends something.
class ClientUser {
 public:
  /// The request goes by this client transaction from now on: each server that is tried has its
  /// own.
  virtual void goes_by(UacId request, loop::ClientId client) = 0;
  /// A response that the machine lets through, or one made here because none came.
  virtual void receive(UacId request, const base::Flow& sent_to,
                       const base::Ref<parser::Message>& response) = 0;
  /// Nothing more will come by that client transaction.
  virtual void ended(UacId request, loop::ClientId client) = 0;

 protected:
  ~ClientUser() = default;
};

}  // namespace opensips::transaction
