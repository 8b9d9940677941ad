#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "base/stats.hh"
#include "config/settings.hh"
#include "l6_location/contact_loader.hh"
#include "l6_location/contact_store.hh"
#include "l6_location/contact_writer.hh"
#include "l6_location/home.hh"
#include "l6_location/shared_access.hh"
#include "l6_location/stored_registrar.hh"
#include "loop/worker.hh"
#include "manage/command.hh"
#include "storage/storage.hh"

namespace opensips {

/// Contacts that outlive the process, or that other servers share, put together: the database, a
/// registrar for each worker, which waits for it, a writer on the first, and who loads. Control
/// thread, before the workers run; it outlives them.
class LocationPersistence {
 public:
  /// The database that the settings name, if it has tables that being the one expected; does
  /// nothing if contacts are in memory alone. One that cannot be reached is no error: what it holds
  /// is loaded when it can. The error is for the operator.
  std::expected<void, std::string> open(const config::Settings& settings,
                                        storage::Storage& databases, location::AorTable& table,
                                        const transport::Sockets& sockets,
                                        const location::Homes& homes, base::Stats& statistics);

  /// For one worker, which owns it; null if contacts are in memory alone.
  std::unique_ptr<location::StoredRegistrar> registrar_on(
      loop::Context& context, const std::shared_ptr<loop::Mailbox>& mailbox,
      location::Registrar& registrar);
  /// For the first worker; it has begun, and so has loading. Null if nothing is written later.
  std::unique_ptr<location::ContactWriter> begin(loop::Context& context,
                                                 const std::shared_ptr<loop::Mailbox>& mailbox);

  /// usrloc:flush, usrloc:sync: nothing if contacts are in memory alone, or not there at all. After
  /// begin().
  void add_to(manage::Commands& commands);
  /// Null unless other servers share them.
  const location::SharedAccess* shared() const { return shared_ ? &*shared_ : nullptr; }
  /// Empty, or what an operator is told who asks about contacts that memory does not have.
  std::string why_not_in_memory() const;

 private:
  manage::CommandResult flush();
  manage::CommandResult sync(const manage::CommandArguments& arguments);

  std::unique_ptr<location::ContactStore> store_;
  std::optional<location::SharedAccess> shared_;
  std::optional<location::ContactLoader> loader_;  // it ends before the store
  location::ContactWriter* writer_ = nullptr;
  std::shared_ptr<loop::Mailbox> writers_mailbox_;
};

}  // namespace opensips
