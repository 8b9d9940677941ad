#include "persistence/dialogs.hh"

#include <fmt/format.h>

#include "base/log.hh"
#include "loop/ask.hh"
#include "storage/versions.hh"

namespace opensips {
namespace {

using Problem = std::unexpected<std::string>;
using manage::CommandError;
using manage::Json;

dialog::KeeperOptions keeper_options_of(const config::Settings& settings) {
  dialog::KeeperOptions options;
  options.mode = static_cast<dialog::DbMode>(settings.dialog.db_mode);
  options.period_ms = static_cast<std::uint64_t>(settings.dialog.db_update_period.count());
  options.table = settings.dialog.table_name;
  options.batch = static_cast<std::size_t>(settings.db.batch_size);
  return options;
}

}  // namespace

std::expected<void, std::string> DialogPersistence::open(const config::Settings& settings,
                                                         storage::Storage& databases) {
  const auto& dialog = settings.dialog;
  if (dialog.db_mode == 0) return {};
  const bool has_own = !dialog.db_url.empty();
  const auto place = settings.place(has_own ? "dialog:db_url" : "db_default_url");
  const auto database =
      storage::open_tables(databases, has_own ? dialog.db_url : settings.db.default_url,
                           {{"dialog", dialog.table_name}}, "dialogs are loaded later");
  if (!database) return Problem(fmt::format("{}: {}", place, database.error()));
  database_ = *database;
  options_ = keeper_options_of(settings);
  return {};
}

std::unique_ptr<dialog::DialogKeeper> DialogPersistence::keep(
    dialog::Dialogs& dialogs, loop::Inbox& inbox, const std::shared_ptr<loop::Mailbox>& mailbox) {
  if (!database_) return nullptr;
  auto keeper = std::make_unique<dialog::DialogKeeper>(dialogs, *database_, mailbox, options_);
  homes_.push_back({mailbox, keeper.get()});
  inboxes_.push_back(&inbox);
  return keeper;
}

std::unique_ptr<dialog::DialogLoader> DialogPersistence::load(loop::Worker& worker,
                                                              const loop::Owners& owners) {
  if (!database_) return nullptr;
  auto loader = std::make_unique<dialog::DialogLoader>(worker.context(), *database_, owners, homes_,
                                                       options_.table);
  loader_ = loader.get();
  worker.inbox().post([loader = loader_] { loader->start(); });
  return loader;
}

void DialogPersistence::add_to(manage::Commands& commands) {
  if (!database_) return;
  commands.add({.name = "dialog:db_sync",
                .old_name = "dlg_db_sync",
                .doc = "Reads the table of dialogs again, for those that are not known yet.",
                .run = [this](const manage::CommandArguments&) { return read_again(); }});
  commands.add({.name = "dialog:restore_db",
                .old_name = "dlg_restore_db",
                .doc = "Empties the table of dialogs, and writes all that there are.",
                .run = [this](const manage::CommandArguments&) { return write_again(); }});
}

manage::CommandResult DialogPersistence::read_again() {
  const auto started = loop::ask(*inboxes_.front(), [this] { return !loader_->is_loading(); });
  if (!started.value_or(false)) {
    return std::unexpected(CommandError{409, "the table is being read already"});
  }
  for (std::size_t i = 0; i < inboxes_.size(); ++i) {
    loop::ask(*inboxes_[i], [keeper = homes_[i].keeper] { return keeper->hold(), true; });
  }
  loop::ask(*inboxes_.front(), [this] { return loader_->start(); });
  return Json("OK");
}

manage::CommandResult DialogPersistence::write_again() {
  const auto empty = storage::make_statement(fmt::format("DELETE FROM {}", options_.table));
  const auto done = database_->wait({{empty, {}}});
  if (!done) return std::unexpected(CommandError{500, done.error().text});
  for (std::size_t i = 0; i < inboxes_.size(); ++i) {
    loop::ask(*inboxes_[i], [keeper = homes_[i].keeper] { return keeper->sync(), true; });
  }
  return Json("OK");
}

}  // namespace opensips
