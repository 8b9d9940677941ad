#include "db_mysql/result.hh"

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace opensips::db_mysql {
namespace {

using storage::Value;

constexpr unsigned kBinary = 63;  // the number of the character set that is none

struct FreeResult {
  void operator()(MYSQL_RES* result) const { mysql_free_result(result); }
};

/// Where the library puts one field of a row.
class Column {
 public:
  explicit Column(const MYSQL_FIELD& field)
      : is_blob_(field.charsetnr == kBinary), is_number_(is_integer(field.type)) {
    if (is_number_) {
      is_unsigned_ = (field.flags & UNSIGNED_FLAG) != 0;
    } else if (field.type == MYSQL_TYPE_FLOAT || field.type == MYSQL_TYPE_DOUBLE) {
      is_real_ = true;
    } else {
      // Times come as texts, which have no character set either.
      is_blob_ = is_blob_ && is_bytes(field.type);
      bytes_.resize(field.max_length);
    }
  }

  void bind(MYSQL_BIND& to) {
    to.is_null = &is_null_;
    to.length = &length_;
    if (is_number_) {
      to.buffer_type = MYSQL_TYPE_LONGLONG;
      to.buffer = &number_;
      to.is_unsigned = is_unsigned_;
    } else if (is_real_) {
      to.buffer_type = MYSQL_TYPE_DOUBLE;
      to.buffer = &real_;
    } else {
      to.buffer_type = is_blob_ ? MYSQL_TYPE_BLOB : MYSQL_TYPE_STRING;
      to.buffer = bytes_.data();
      to.buffer_length = bytes_.size();
    }
  }

  Value value() const {
    if (is_null_) return std::monostate{};
    if (is_number_) return std::int64_t{number_};
    if (is_real_) return real_;
    const auto size = std::min<std::size_t>(length_, bytes_.size());
    std::string bytes(bytes_.data(), size);
    if (is_blob_) return storage::Blob{std::move(bytes)};
    return bytes;
  }

 private:
  static bool is_integer(enum_field_types type) {
    return type == MYSQL_TYPE_TINY || type == MYSQL_TYPE_SHORT || type == MYSQL_TYPE_INT24 ||
           type == MYSQL_TYPE_LONG || type == MYSQL_TYPE_LONGLONG || type == MYSQL_TYPE_YEAR;
  }
  static bool is_bytes(enum_field_types type) {
    return type == MYSQL_TYPE_TINY_BLOB || type == MYSQL_TYPE_BLOB ||
           type == MYSQL_TYPE_MEDIUM_BLOB || type == MYSQL_TYPE_LONG_BLOB ||
           type == MYSQL_TYPE_STRING || type == MYSQL_TYPE_VAR_STRING;
  }

  bool is_blob_, is_number_, is_real_ = false, is_unsigned_ = false;
  long long number_ = 0;
  double real_ = 0;
  std::vector<char> bytes_;
  unsigned long length_ = 0;
  my_bool is_null_ = 0;
};

}  // namespace

bool fetch(MYSQL_STMT* statement, storage::Rows& to) {
  const std::unique_ptr<MYSQL_RES, FreeResult> about(mysql_stmt_result_metadata(statement));
  if (!about) {
    to.affected = mysql_stmt_affected_rows(statement);
    to.last_id = static_cast<std::int64_t>(mysql_stmt_insert_id(statement));
    return mysql_stmt_errno(statement) == 0;
  }
  // How long the longest value of a column is, the library finds out while it stores them.
  const my_bool measures = 1;
  mysql_stmt_attr_set(statement, STMT_ATTR_UPDATE_MAX_LENGTH, &measures);
  if (mysql_stmt_store_result(statement) != 0) return false;
  const std::unique_ptr<MYSQL_RES, FreeResult> measured(mysql_stmt_result_metadata(statement));
  const std::span fields(mysql_fetch_fields(measured.get()), mysql_num_fields(measured.get()));
  std::vector<Column> columns;
  columns.reserve(fields.size());
  for (const auto& field : fields) {
    columns.emplace_back(field);
    to.columns.emplace_back(field.name);
  }
  std::vector<MYSQL_BIND> places(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) columns[i].bind(places[i]);
  if (mysql_stmt_bind_result(statement, places.data()) != 0) return false;
  int fetched = mysql_stmt_fetch(statement);
  for (; fetched == 0 || fetched == MYSQL_DATA_TRUNCATED; fetched = mysql_stmt_fetch(statement)) {
    storage::Row row;
    row.reserve(columns.size());
    for (const auto& column : columns) row.push_back(column.value());
    to.rows.push_back(std::move(row));
  }
  return fetched == MYSQL_NO_DATA;
}

}  // namespace opensips::db_mysql
