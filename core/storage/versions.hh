#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "storage/database.hh"
#include "storage/schema.hh"

namespace opensips::storage {

/// Why a table cannot be used, for the operator.
struct TableProblem {
  std::string text;
  /// What is there will not do: it takes a command, not time.
  bool is_final = false;
};

/// Asks the table of versions about one, which the operator may have given a name of its own.
/// Waits for the database: at start, on the control thread.
std::expected<void, TableProblem> check_table(Database& database, const Table& table,
                                              std::string_view name,
                                              std::string_view version_table);

/// The same from what the table of versions says: a row, or none.
std::expected<void, TableProblem> check_version(const Rows& rows, const Table& table,
                                                std::string_view name, std::string_view url);

}  // namespace opensips::storage
