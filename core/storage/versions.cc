#include "storage/versions.hh"

#include <utility>

#include <fmt/format.h>

#include "base/log.hh"

namespace opensips::storage {
namespace {

std::unexpected<TableProblem> wrong(std::string text) {
  return std::unexpected(TableProblem{std::move(text), true});
}

}  // namespace

std::expected<void, TableProblem> check_version(const Rows& rows, const Table& table,
                                                std::string_view name, std::string_view url) {
  if (rows.rows.empty() || rows.rows[0].empty()) {
    return wrong(fmt::format("{} has no table {}: run opensipsctl db create {}", url, name, url));
  }
  const auto version = integer_of(rows.rows[0][0]).value_or(0);
  if (version == table.version) return {};
  auto text =
      fmt::format("table {} of {} is version {}, expected {}", name, url, version, table.version);
  if (version < table.version) text += fmt::format(": run opensipsctl db migrate {}", url);
  return wrong(std::move(text));
}

std::expected<void, TableProblem> check_table(Database& database, const Table& table,
                                              std::string_view name,
                                              std::string_view version_table) {
  if (!is_table_name(version_table)) {
    return wrong(fmt::format("db_version_table \"{:.64}\" is no name of a table", version_table));
  }
  const auto ask = make_statement(
      fmt::format("SELECT table_version FROM {} WHERE table_name = ?", version_table));
  const auto outcome = database.wait({{ask, {std::string(name)}}});
  if (outcome) return check_version(*outcome, table, name, database.name());
  const Error& error = outcome.error();
  if (error.kind == Error::Kind::missing) {
    return wrong(fmt::format("{}: run opensipsctl db create {}", error.text, database.name()));
  }
  return std::unexpected(TableProblem{error.text, error.kind == Error::Kind::corrupt});
}

std::expected<Database*, std::string> open_tables(Storage& databases, std::string_view url,
                                                  std::initializer_list<UsedTable> tables,
                                                  std::string_view unchecked) {
  const auto opened = databases.open(url);
  if (!opened) return opened;
  Database& database = **opened;
  if (!database.backend().is_sql()) {
    return std::unexpected(database.name() + " has no tables, expected a database of SQL");
  }
  for (const auto& [kind, name] : tables) {
    const auto good = check_table(database, *find_table(kind), name, databases.version_table());
    if (good) continue;
    if (good.error().is_final) return std::unexpected(good.error().text);
    base::log_error("{}: {}", unchecked, good.error().text);
    break;  // nor would it say anything of the others
  }
  return &database;
}

}  // namespace opensips::storage
