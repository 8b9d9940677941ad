#include "module/tables.hh"

#include <fmt/format.h>

#include "storage/storage.hh"

namespace opensips::modules {

Result<> check_names(std::initializer_list<NamedByParameter> names) {
  for (const auto& [parameter, name] : names) {
    if (storage::is_table_name(name)) continue;
    return fail(fmt::format("\"{:.64}\" is no name of a table or column", name), parameter);
  }
  return {};
}

Result<storage::Database*> open_tables(Host& host, std::string_view module, std::string_view url,
                                       std::initializer_list<storage::UsedTable> tables) {
  const std::string_view used = url.empty() ? host.storage().default_url() : url;
  if (used.empty()) {
    return fail(
        fmt::format("{0} has no database, expected modparam(\"{0}\", \"db_url\", \"URL\") or "
                    "db_default_url=\"URL\"",
                    module));
  }
  auto opened = storage::open_tables(host.storage(), used, tables,
                                     fmt::format("{}: the tables are not checked", module));
  if (!opened) return fail(std::move(opened.error()), url.empty() ? "" : "db_url");
  return *opened;
}

}  // namespace opensips::modules
