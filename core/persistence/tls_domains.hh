#pragma once

#include <expected>
#include <functional>
#include <string>

#include "config/settings.hh"
#include "l0_transport/sockets.hh"
#include "l0_transport/tls/service.hh"
#include "loop/control.hh"
#include "module/host.hh"
#include "storage/storage.hh"

namespace opensips {

/// Where TLS domains come from, put together: the files that the configuration names, and a table.
/// Both are read at start and when an operator says so; what is wrong in either leaves the domains
/// as they were. Control thread. Errors are lines for the operator.
class TlsDomains {
 public:
  /// `tls`, `sockets` and `control` outlive it. Nothing is read yet.
  TlsDomains(const config::Settings& settings, transport::tls::Service& tls,
             const transport::Sockets& sockets, loop::Control& control);

  /// Reads the files alone: before there are sockets.
  std::expected<void, std::string> read_files();
  /// There is a table that has not been read: which addresses will have a domain is not known.
  bool expects_table() const { return waits_; }
  /// Reads the table too; does nothing if there is none. A database that cannot be reached is no
  /// error: it is asked again until it answers. The modules run.
  std::expected<void, std::string> open(const config::Settings& settings,
                                        storage::Storage& databases, modules::Host& host);
  /// Reads everything again.
  std::expected<void, std::string> reload();

 private:
  std::expected<void, std::string> use(const storage::Rows& rows);
  storage::Outcome read_table() const;
  void read_later(modules::Host& host);
  void has_read(const storage::Outcome& rows);
  std::string uncovered_by(const transport::tls::Domains& domains) const;

  const config::TlsTable table_;
  const std::function<std::string(const transport::tls::Problem&)> line_of_;
  transport::tls::Service& tls_;
  const transport::Sockets& sockets_;
  loop::Control& control_;
  bool waits_;
  bool is_reading_ = false;
  loop::Control::Watch retries_;
  storage::Database* database_ = nullptr;  // none: there is no table
  storage::StatementRef select_;
};

}  // namespace opensips
