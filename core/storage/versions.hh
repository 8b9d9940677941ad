#pragma once

#include <expected>
#include <initializer_list>
#include <string>
#include <string_view>

#include "storage/database.hh"
#include "storage/schema.hh"
#include "storage/storage.hh"

namespace opensips::storage {

/// Why a table cannot be used, for the operator.
struct TableProblem {
  std::string text;
  /// What is there will not do: it takes a command, not time.
  bool is_final = false;
};

/// A table that somebody works with: which of tables() it is, and what the operator calls it.
struct UsedTable {
  std::string_view kind;
  std::string_view name;
};

/// What whoever works with tables does first: opens the database at `url`, which has to be one of
/// SQL, and looks whether its tables are of the versions expected. One that cannot be reached is no
/// error: its tables are taken to be good, and the log has a line that begins with `unchecked`.
/// Waits: at start, on the control thread. The error is for the operator.
std::expected<Database*, std::string> open_tables(Storage& databases, std::string_view url,
                                                  std::initializer_list<UsedTable> tables,
                                                  std::string_view unchecked);

/// Asks the table of versions about one, which the operator may have given a name of its own.
/// Waits for the database: at start, on the control thread.
std::expected<void, TableProblem> check_table(Database& database, const Table& table,
                                              std::string_view name,
                                              std::string_view version_table);

/// The same from what the table of versions says: a row, or none.
std::expected<void, TableProblem> check_version(const Rows& rows, const Table& table,
                                                std::string_view name, std::string_view url);

}  // namespace opensips::storage
