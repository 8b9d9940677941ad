#include "storage/schema.hh"

#include <algorithm>

#include <fmt/format.h>

#include "storage/backend.hh"

namespace opensips::storage {

bool is_table_name(std::string_view name) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !name.empty() && name.size() <= 64 && is_letter(name[0]) &&
         std::ranges::all_of(name, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

std::string constraints_of(const Column& column) {
  std::string text;
  if (column.is_key) text += " PRIMARY KEY";
  if (!column.nullable) text += " NOT NULL";
  if (!column.otherwise.empty()) {
    text += fmt::format(" DEFAULT {}", column.otherwise);
  } else if (column.nullable) {
    text += " DEFAULT NULL";
  }
  return text;
}

std::string create_statement(const Table& table, std::string_view name, const Backend& backend) {
  std::string text = fmt::format("CREATE TABLE {} (", name);
  std::string_view between;
  for (const Column& column : table.columns) {
    text += fmt::format("{}{} {}", between, column.name, backend.declare(column));
    between = ", ";
  }
  if (!table.unique.empty()) text += fmt::format(", UNIQUE ({})", table.unique);
  return text + ")";
}

std::string index_statement(const Table& table) {
  // The version is in its name: an older table keeps its own when it is put aside.
  return fmt::format("CREATE INDEX {0}_v{1}_index ON {0} ({2})", table.name, table.version,
                     table.index);
}

}  // namespace opensips::storage
