#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The tables, as OpenSIPS defines them: names, columns and versions are known to its tools.
namespace opensips::storage {

class Backend;

enum class ColumnType : std::uint8_t {
  serial,     ///< a number that the database gives; the primary key
  integer,    ///< 32 bits
  natural,    ///< 32 bits, not negative
  bigint,     ///< 64 bits
  real,       ///<
  text,       ///< up to `size` characters
  long_text,  ///< up to 64 KB
  blob,       ///< up to 64 KB
  datetime,   ///< "2026-01-31 12:00:00"
};

struct Column {
  std::string_view name;
  ColumnType type;
  unsigned size = 0;
  bool nullable = false;
  std::string_view otherwise =
      {};               ///< what a row has that does not say, in SQL; empty: it must say
  bool is_key = false;  ///< the primary key
};

struct Table {
  std::string_view name;
  unsigned version;
  std::span<const Column> columns;
  std::string_view unique = {};  ///< columns that are different in each row: "username, domain"
  std::string_view index = {};   ///< columns that rows are looked for by, if they are no key
};

/// All of them; the first is the table of versions.
std::span<const Table> tables();
/// Null if there is none of that name.
const Table* find_table(std::string_view name);

inline constexpr std::string_view kVersionTable = "version";

/// The statement that creates a table, under another name if it has one.
std::string create_statement(const Table& table, std::string_view name, const Backend& backend);

/// The statement behind it that has rows found by the table's `index`.
std::string index_statement(const Table& table);

/// What follows the type of a column that is declared: " NOT NULL DEFAULT 0".
std::string constraints_of(const Column& column);

/// It begins with a letter and goes on with letters, digits and '_': such a name needs no quotes.
bool is_table_name(std::string_view name);

}  // namespace opensips::storage
