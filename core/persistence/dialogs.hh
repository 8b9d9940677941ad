#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "config/settings.hh"
#include "l3_dialog/dialog_keeper.hh"
#include "l3_dialog/dialog_loader.hh"
#include "loop/owner.hh"
#include "loop/worker.hh"
#include "manage/command.hh"
#include "storage/storage.hh"

namespace opensips {

/// Dialogs that outlive the process, put together: the database, a keeper for each worker, a loader
/// on the first. Control thread, before the workers run.
class DialogPersistence {
 public:
  /// The database that the settings name, its table being the one expected; does nothing if dialogs
  /// are not kept. One that cannot be reached is no error: what it holds is loaded when it can. The
  /// error is for the operator.
  std::expected<void, std::string> open(const config::Settings& settings,
                                        storage::Storage& databases);

  /// For one worker, the workers in their order; null if dialogs are not kept. The worker owns it.
  std::unique_ptr<dialog::DialogKeeper> keep(dialog::Dialogs& dialogs, loop::Inbox& inbox,
                                             const std::shared_ptr<loop::Mailbox>& mailbox);
  /// For the first worker, after all have a keeper; it has begun.
  std::unique_ptr<dialog::DialogLoader> load(loop::Worker& worker, const loop::Owners& owners);

  /// dialog:db_sync, dialog:restore_db: nothing if dialogs are not kept.
  void add_to(manage::Commands& commands);

 private:
  manage::CommandResult read_again();
  manage::CommandResult write_again();

  storage::Database* database_ = nullptr;
  dialog::KeeperOptions options_;
  std::vector<dialog::DialogLoader::Home> homes_;
  std::vector<loop::Inbox*> inboxes_;
  dialog::DialogLoader* loader_ = nullptr;
};

}  // namespace opensips
