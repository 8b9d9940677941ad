#pragma once

#include <expected>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/snapshot.hh"
#include "l0_transport/channel.hh"
#include "l0_transport/tls/domains.hh"
#include "l0_transport/tls/tickets.hh"

namespace opensips::transport::tls {

/// TLS of the whole server: its domains as they were read last, and the keys of its tickets. Any
/// thread; outlives the connections.
class Service {
 public:
  explicit Service(std::vector<config::TlsDomain> settings) : settings_(std::move(settings)) {}

  /// Reads all files; `rows` are domains besides, of a table. Changes nothing. Blocks: control
  /// thread.
  std::expected<std::shared_ptr<const Domains>, Problem> read(
      std::span<const config::TlsDomain> rows = {});
  /// Has connections made from now on use them, all at once. Control thread.
  void use(std::shared_ptr<const Domains> domains) { domains_.publish(std::move(domains)); }

  /// The domains as they are now.
  std::shared_ptr<const Domains> domains() const { return domains_.get(); }

  /// A channel for a connection accepted at that address of ours; none with errno set.
  ChannelPtr accept(FileDescriptor fd, const base::Address& local) const;
  /// For one that is opened to `peer` because of that SIP domain; empty: the address is all we
  /// know.
  ChannelPtr connect(FileDescriptor fd, const base::Address& peer,
                     std::string_view sip_domain) const;

 private:
  const std::vector<config::TlsDomain> settings_;
  TicketKeys keys_;
  base::Snapshot<Domains> domains_;
};

}  // namespace opensips::transport::tls
