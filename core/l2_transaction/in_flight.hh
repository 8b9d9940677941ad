#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/flow.hh"
#include "base/intrusive_list.hh"
#include "base/siphash.hh"
#include "loop/walk.hh"

namespace opensips::transaction {

struct ClientTransaction;

/// Which client transactions went over which connection, so that they need not wait for their
/// timers when it is gone. A flow names a connection by its id, or by the peer that it leads to;
/// those over UDP are in no list. One worker.
class InFlight {
 public:
  /// What a client transaction is an element by.
  using Hook = base::ListHook<InFlight>;

  void add(ClientTransaction& client);
  void remove(ClientTransaction& client);
  /// Removes those that went over the connection with that id, and, if `by_peer`, those that went
  /// to its peer.
  std::vector<loop::ClientId> take(const base::Flow& closed, bool by_peer);

 private:
  using List = base::IntrusiveList<ClientTransaction, InFlight>;

  std::uint64_t key_of(base::ConnectionId connection) const;
  std::uint64_t key_of(const base::Flow& to) const;
  void take(std::uint64_t key, std::vector<loop::ClientId>& to);

  /// Keyed, since the peers choose their ports.
  base::SipKey key_ = base::SipKey::random();
  std::unordered_map<std::uint64_t, List> lists_;  // none is empty
};

}  // namespace opensips::transaction
