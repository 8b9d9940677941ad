#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/counter_table.hh"
#include "base/flow.hh"
#include "base/guarded.hh"
#include "base/siphash.hh"
#include "l0_transport/tls_peer.hh"

namespace opensips::transport {

class Connections;

/// What the workers know of each other's connections: which one leads to a peer, so that each
/// destination has one opener, and how many there are. Any thread.
class ConnectionTable {
 public:
  /// `most`: connections of all workers. `most_per_source`: accepted from one address; 0: no limit.
  ConnectionTable(std::size_t most, std::size_t most_per_source)
      : most_(most), most_per_source_(most_per_source), by_source_(2 * most + 1024, 0) {}

  enum class Admission : std::uint8_t {
    granted,
    full,         ///< as many as there may be
    source_full,  ///< as many from this address as there may be
  };
  /// Counts one more connection, if there may be one. `accepted`: by the peer's doing.
  Admission enter(const base::Address& peer, bool accepted);
  /// What enter() granted is over.
  void leave(const base::Address& peer, bool accepted);

  /// The connection to that flow's peer, by its transport and under its name, whoever has it; none
  /// if there is none.
  base::ConnectionId find(const base::Flow& to) const;
  /// Makes `id` that connection unless there is one. Returns the one there is.
  base::ConnectionId claim(const base::Flow& to, base::ConnectionId id);
  /// `id` does not lead there any more. False, and nothing happens, if another does.
  bool release(const base::Flow& to, base::ConnectionId id);

  /// Who is at the other end of a connection of TLS; until it is forgotten.
  void know(base::ConnectionId id, std::shared_ptr<const TlsPeer> peer);
  void forget(base::ConnectionId id);
  /// None if nothing is known.
  std::shared_ptr<const TlsPeer> peer_of(base::ConnectionId id) const;

  std::size_t size() const { return state_.lock()->count; }

  /// The connections of each worker, in the order of their indices; before any of them runs.
  void join(Connections& of_worker) { workers_.push_back(&of_worker); }
  Connections& of(unsigned worker) const { return *workers_[worker]; }
  const std::vector<Connections*>& workers() const { return workers_; }

 private:
  struct Key {
    base::Address peer;
    base::Transport transport;
    std::uint32_t peer_name;
    friend bool operator==(const Key&, const Key&) = default;
  };
  /// Keyed, since the peers choose their ports.
  class Hash {
   public:
    Hash() : key_(base::SipKey::random()) {}
    std::size_t operator()(const Key& of) const;

   private:
    base::SipKey key_;
  };
  struct State {
    std::unordered_map<Key, base::ConnectionId, Hash> by_peer;
    std::unordered_map<std::uint64_t, std::shared_ptr<const TlsPeer>> tls_peers;  // by id
    std::size_t count = 0;
  };

  const std::size_t most_;
  const std::size_t most_per_source_;
  base::CounterTable by_source_;  // by host
  std::vector<Connections*> workers_;
  base::Guarded<State> state_;
};

}  // namespace opensips::transport
