#include "location_persistence.hh"

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
  return std::nullopt;
}

}  // namespace

std::expected<void, std::string> LocationPersistence::open(const config::Settings& settings,
                                                           storage::Storage& databases,
                                                           location::AorTable& table,
                                                           const transport::Sockets& sockets,
                                                           base::Stats& statistics) {
  const auto& usrloc = settings.usrloc;
  const auto mode = mode_of(usrloc.working_mode);
  if (!mode) return {};
  const bool has_own = !usrloc.db_url.empty();
  const auto place = settings.place(has_own                           ? "usrloc:db_url"
                                    : settings.db.default_url.empty() ? "usrloc:working_mode_preset"
                                                                      : "db_default_url");
  const auto database = databases.open(has_own ? usrloc.db_url : settings.db.default_url);
  if (!database) return Problem(fmt::format("{}: {}", place, database.error()));
  const auto checked = storage::check_table(**database, *storage::find_table("location"),
                                            "location", settings.db.version_table);
  if (!checked && checked.error().is_final) {
    return Problem(fmt::format("{}: {}", place, checked.error().text));
  }
  if (!checked) base::log_error("contacts are loaded later: {}", checked.error().text);
  location::StoreOptions options;
  options.mode = *mode;
  options.period_ms = static_cast<std::uint64_t>(usrloc.timer_interval.count());
  options.batch = static_cast<std::size_t>(settings.db.batch_size);
  options.query_limit_ms = static_cast<std::uint64_t>(settings.db.query_timeout.count());
  store_ = std::make_unique<location::ContactStore>(table, sockets, **database, options);
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
  if (!store_) return nullptr;
  auto writer = std::make_unique<location::ContactWriter>(context, mailbox, *store_);
  writer->start();
  if (store_->is_loading()) loader_.emplace(*store_).start();
  return writer;
}

}  // namespace opensips
