#include "l6_location/kept_connection.hh"

#include <algorithm>

namespace opensips::location {

void keep_connection(transport::Connections& connections, const base::Flow& source,
                     const Registrar::Outcome& outcome, std::uint64_t now_ms) {
  if (!source.connection || outcome.code != 200 || !outcome.bindings) return;
  std::uint64_t longest = 0;
  for (const auto& binding : outcome.bindings->bindings()) {
    if (binding->received().connection != source.connection || binding->expired(now_ms)) continue;
    longest = std::max(longest, binding->expires_at() - now_ms);
  }
  connections.keep(source.connection, longest);
}

}  // namespace opensips::location
