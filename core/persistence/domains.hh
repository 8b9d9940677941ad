#pragma once

#include <atomic>
#include <expected>
#include <string>

#include "config/settings.hh"
#include "l0_transport/domains.hh"
#include "loop/control.hh"
#include "manage/command.hh"
#include "storage/storage.hh"

namespace opensips {

/// The domains that the server is for, read from their table: at start, and when an operator says
/// so. Control thread.
class DomainTable {
 public:
  /// Both outlive it.
  DomainTable(transport::Domains& domains, loop::Control& control)
      : domains_(domains), control_(control) {}

  /// Reads the table that the settings name; does nothing if they name none. A database that cannot
  /// be reached is no error: it is asked again until it answers. The error is for the operator.
  std::expected<void, std::string> open(const config::Settings& settings,
                                        storage::Storage& databases);

  /// domain:list, domain:reload: nothing if there is no table.
  void add_to(manage::Commands& commands);

 private:
  void retry();
  manage::CommandResult reload();
  manage::Json list() const;

  transport::Domains& domains_;
  loop::Control& control_;
  storage::Database* database_ = nullptr;
  storage::StatementRef select_;
  std::atomic<bool> loaded_ = false;  // set on a thread of the database too
  loop::Control::Watch retries_;
};

}  // namespace opensips
