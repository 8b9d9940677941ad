#include "l2_transaction/in_flight.hh"

#include <string_view>

#include "l2_transaction/transaction.hh"

namespace opensips::transaction {

namespace {

template <class T>
std::string_view bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

}  // namespace

std::uint64_t InFlight::key_of(base::ConnectionId connection) const {
  return base::table_hash(key_, bytes_of(connection.bits));
}

std::uint64_t InFlight::key_of(const base::Flow& to) const {
  const auto port = to.peer.port();
  base::TableHasher hash(key_);
  hash.update(to.peer.host_bytes());
  hash.update(bytes_of(port));
  hash.update(bytes_of(to.transport));
  hash.update(bytes_of(to.peer_name));
  return hash.finish();
}

void InFlight::add(ClientTransaction& client) {
  if (!base::is_reliable(client.to.transport)) return;
  const auto connection = client.to.connection;
  client.in_flight_key = connection ? key_of(connection) : key_of(client.to);
  lists_[client.in_flight_key].push_back(client);
}

void InFlight::remove(ClientTransaction& client) {
  InFlight::Hook& hook = client;
  if (!hook.linked()) return;
  hook.unlink();
  const auto found = lists_.find(client.in_flight_key);
  if (found->second.empty()) lists_.erase(found);
}

std::vector<loop::ClientId> InFlight::take(const base::Flow& closed, bool by_peer) {
  std::vector<loop::ClientId> all;
  take(key_of(closed.connection), all);
  if (by_peer) take(key_of(closed), all);
  return all;
}

void InFlight::take(std::uint64_t key, std::vector<loop::ClientId>& to) {
  const auto found = lists_.find(key);
  if (found == lists_.end()) return;
  for (const auto& client : found->second) to.push_back(client.id);
  lists_.erase(found);
}

}  // namespace opensips::transaction
