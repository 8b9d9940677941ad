#include "persistence/contacts.hh"

#include <fmt/format.h>

#include "base/clock.hh"
#include "base/log.hh"
#include "storage/versions.hh"

namespace opensips {
namespace {

using Problem = std::unexpected<std::string>;

/// Nothing: contacts are in memory alone.
std::optional<location::StoreMode> mode_of(const std::string& name) {
  if (name == "single-instance-sql-write-through") return location::StoreMode::write_through;
  if (name == "single-instance-sql-write-back") return location::StoreMode::write_back;
  if (name == "sql-only") return location::StoreMode::sql_only;
  if (name == "full-sharing-cachedb-cluster") return location::StoreMode::shared;
  return std::nullopt;
}

/// The parameter that names the database, and what it says.
struct Named {
  std::string_view parameter;
  const std::string& url;
};
Named database_of(const config::Settings& settings, location::StoreMode mode) {
  const auto& usrloc = settings.usrloc;
  if (mode == location::StoreMode::shared) {
    return {usrloc.cachedb_url.empty() ? "usrloc:working_mode_preset" : "usrloc:cachedb_url",
            usrloc.cachedb_url};
  }
  if (!usrloc.db_url.empty()) return {"usrloc:db_url", usrloc.db_url};
  return {settings.db.default_url.empty() ? "usrloc:working_mode_preset" : "db_default_url",
          settings.db.default_url};
}

std::expected<storage::Database*, std::string> open_database(storage::Storage& databases,
                                                             const std::string& url,
                                                             location::StoreMode mode) {
  if (mode != location::StoreMode::shared) {
    return storage::open_tables(databases, url, {{"location", "location"}},
                                "contacts are loaded later");
  }
  const auto opened = databases.open(url);
  if (!opened || !(*opened)->backend().is_sql()) return opened;
  return Problem((*opened)->name() + " is a database of SQL, expected redis://…");
}

}  // namespace

std::expected<void, std::string> LocationPersistence::open(
    const config::Settings& settings, storage::Storage& databases, location::AorTable& table,
    const transport::Sockets& sockets, const location::Homes& homes, base::Stats& statistics) {
  const auto& usrloc = settings.usrloc;
  const auto mode = mode_of(usrloc.working_mode);
  if (!mode) return {};
  if (*mode == location::StoreMode::shared && settings.mac_key_file.empty()) {
    return Problem(fmt::format("{}: {} needs mac_key_file to be set",
                               settings.place("usrloc:working_mode_preset"), usrloc.working_mode));
  }
  const auto [parameter, url] = database_of(settings, *mode);
  const auto place = settings.place(parameter);
  const auto database = open_database(databases, url, *mode);
  if (!database) return Problem(fmt::format("{}: {}", place, database.error()));
  location::StoreOptions options;
  options.mode = *mode;
  options.period_ms = static_cast<std::uint64_t>(usrloc.timer_interval.count());
  options.batch = static_cast<std::size_t>(settings.db.batch_size);
  options.query_limit_ms = static_cast<std::uint64_t>(settings.db.query_timeout.count());
  std::optional<location::SharedContacts> shared;
  if (*mode == location::StoreMode::shared) shared.emplace(sockets, homes);
  store_ = std::make_unique<location::ContactStore>(table, sockets, **database, options,
                                                    std::move(shared));
  if (*mode == location::StoreMode::shared) {
    shared_.emplace(*store_);
    return {};
  }
  statistics.function("usrloc:db_waiting", [this] { return store_->notes().size(); });
  statistics.function("usrloc:db_lag",
                      [this] { return store_->notes().lag(base::monotonic_ms()); });
  statistics.function("usrloc:db_lost", [this] { return store_->lost(); });
  statistics.function("usrloc:loading",
                      [this] { return std::uint64_t{store_->is_loading() ? 1U : 0U}; });
  return {};
}

std::unique_ptr<location::StoredRegistrar> LocationPersistence::registrar_on(
    loop::Context& context, const std::shared_ptr<loop::Mailbox>& mailbox,
    location::Registrar& registrar) {
  if (!store_) return nullptr;
  return std::make_unique<location::StoredRegistrar>(context, mailbox, registrar, *store_);
}

std::unique_ptr<location::ContactWriter> LocationPersistence::begin(
    loop::Context& context, const std::shared_ptr<loop::Mailbox>& mailbox) {
  if (!store_ || store_->shared()) return nullptr;
  auto writer = std::make_unique<location::ContactWriter>(context, mailbox, *store_);
  writer->start();
  writer_ = writer.get();
  writers_mailbox_ = mailbox;
  if (store_->is_loading()) loader_.emplace(*store_).start();
  return writer;
}

std::string LocationPersistence::why_not_in_memory() const {
  if (!store_) return {};
  if (store_->options().mode == location::StoreMode::sql_only) {
    return "contacts are in the database alone";
  }
  return store_->is_loading() ? "contacts are being loaded" : "";
}

void LocationPersistence::add_to(manage::Commands& commands) {
  if (!store_ || !store_->is_in_memory()) return;
  commands.add({.name = "usrloc:flush",
                .old_name = "ul_flush",
                .doc = "Writes what is to be written to the database, and does not wait for it.",
                .run = [this](const manage::CommandArguments&) { return flush(); }});
  commands.add(
      {.name = "usrloc:sync",
       .old_name = "ul_sync",
       .doc = "Writes all contacts to the database again, or those of one AOR.",
       .parameters = {{.name = "table_name", .doc = "\"location\"."},
                      {.name = "aor", .optional = true, .doc = "As alice@example.com."}},
       .run = [this](const manage::CommandArguments& arguments) { return sync(arguments); }});
}

manage::CommandResult LocationPersistence::flush() {
  writers_mailbox_->post([writer = writer_] { writer->write(); });
  return manage::Json("OK");
}

manage::CommandResult LocationPersistence::sync(const manage::CommandArguments& arguments) {
  if (arguments.text(0) != "location") {
    return std::unexpected(manage::CommandError{404, "Table not found"});
  }
  if (auto reason = why_not_in_memory(); !reason.empty()) {
    return std::unexpected(manage::CommandError{503, std::move(reason)});
  }
  const auto note = [this](const location::BindingSetRef& set) {
    for (const auto& binding : set->bindings()) store_->note(set->aor(), binding->id());
  };
  if (!arguments.has(1)) {
    store_->table().for_each(note);
    return flush();
  }
  const auto set = store_->table().find(arguments.text(1));
  if (!set) return std::unexpected(manage::CommandError{404, "AOR not found"});
  note(set);
  return flush();
}

}  // namespace opensips
