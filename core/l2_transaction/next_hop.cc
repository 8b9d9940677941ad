#include "l2_transaction/next_hop.hh"

namespace opensips::transaction {

base::Result<transport::NextHop> find_next_hop(const parser::Uri& uri,
                                               transport::Resolver& resolver,
                                               std::uint16_t socket) {
  if (!uri.is_sip()) return base::Failure(base::Error::malformed);
  const bool secure = uri.scheme == parser::Uri::Scheme::sips;
  return resolver.find({uri.host, uri.port, uri.param("transport").value_or(""), secure}, socket);
}

base::Result<transport::NextHop> find_next_hop(std::string_view text, transport::Resolver& resolver,
                                               std::uint16_t socket) {
  const auto uri = parser::Uri::parse(text);
  return uri ? find_next_hop(*uri, resolver, socket) : base::Failure(base::Error::malformed);
}

}  // namespace opensips::transaction
