#pragma once

#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hh"
#include "config/tls.hh"
#include "l0_transport/tls/handles.hh"
#include "l0_transport/tls/tickets.hh"

namespace opensips::transport::tls {

/// A TLS domain with what was in its files when they were read.
struct Domain {
  config::TlsDomain setting;
  ContextPtr context;
};

/// What is wrong with a file or a value of a domain, for the operator.
struct Problem {
  config::Position at;
  std::string text;
  std::string row = {};  ///< of a table, that is wrong: nothing of the configuration is
};

/// All TLS domains at one time; the next time they are read there are others. Immutable: any
/// thread.
class Domains {
 public:
  Domains() = default;

  /// Reads the files of all. Either all are good, or there are none.
  static std::expected<std::shared_ptr<const Domains>, Problem> load(
      std::span<const config::TlsDomain> settings, TicketKeys& keys);

  /// The domain for a connection to that address of ours; `name`: what the client asks for, empty
  /// if it does not say. The most specific name counts, then the most specific address. None if
  /// there is none.
  const Domain* for_client_of(const base::Address& local, std::string_view name) const;
  /// Some domain for that address, before it is known what the client asks for.
  const Domain* any_for(const base::Address& local) const;
  /// The domain for a connection that we open to that address because of that SIP domain.
  const Domain* for_server_at(const base::Address& peer, std::string_view name) const;

  const std::vector<Domain>& all() const { return all_; }

 private:
  const Domain* best(bool server, const base::Address& address, const std::string* name) const;

  std::vector<Domain> all_;
};

}  // namespace opensips::transport::tls
