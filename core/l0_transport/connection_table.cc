#include "l0_transport/connection_table.hh"

namespace opensips::transport {

std::size_t ConnectionTable::Hash::operator()(const Key& of) const {
  const std::uint16_t port = of.peer.port();
  base::TableHasher hash(key_);
  hash.update(of.peer.host_bytes());
  hash.update({reinterpret_cast<const char*>(&port), sizeof port});
  return hash.finish();
}

ConnectionTable::Admission ConnectionTable::enter(const base::Address& peer, bool accepted) {
  auto state = state_.lock();
  if (state->count >= most_) return Admission::full;
  if (accepted && most_per_source_ > 0) {
    const auto counted = by_source_.add(peer.host_bytes(), most_per_source_, 0);
    if (counted.outcome != base::CounterTable::Outcome::granted) return Admission::source_full;
  }
  ++state->count;
  return Admission::granted;
}

void ConnectionTable::leave(const base::Address& peer, bool accepted) {
  --state_.lock()->count;
  if (accepted && most_per_source_ > 0) by_source_.subtract(peer.host_bytes());
}

base::ConnectionId ConnectionTable::find(const base::Flow& to) const {
  const auto state = state_.lock();
  const auto found = state->by_peer.find({to.peer, to.transport, to.peer_name});
  return found == state->by_peer.end() ? base::ConnectionId() : found->second;
}

base::ConnectionId ConnectionTable::claim(const base::Flow& to, base::ConnectionId id) {
  return state_.lock()
      ->by_peer.try_emplace({to.peer, to.transport, to.peer_name}, id)
      .first->second;
}

void ConnectionTable::know(base::ConnectionId id, std::shared_ptr<const TlsPeer> peer) {
  state_.lock()->tls_peers.insert_or_assign(id.bits, std::move(peer));
}

void ConnectionTable::forget(base::ConnectionId id) {
  state_.lock()->tls_peers.erase(id.bits);
}

std::shared_ptr<const TlsPeer> ConnectionTable::peer_of(base::ConnectionId id) const {
  const auto state = state_.lock();
  const auto found = state->tls_peers.find(id.bits);
  return found == state->tls_peers.end() ? nullptr : found->second;
}

bool ConnectionTable::release(const base::Flow& to, base::ConnectionId id) {
  auto state = state_.lock();
  const auto found = state->by_peer.find({to.peer, to.transport, to.peer_name});
  if (found == state->by_peer.end() || found->second != id) return false;
  state->by_peer.erase(found);
  return true;
}

}  // namespace opensips::transport
