#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace opensips::storage {

/// Bytes that are no text.
struct Blob {
  std::string bytes;
  friend bool operator==(const Blob&, const Blob&) = default;
};

/// What stands in a field of a table, or for a `?` of a statement.
using Value = std::variant<std::monostate, std::int64_t, double, std::string, Blob>;

inline bool is_null(const Value& value) {
  return std::holds_alternative<std::monostate>(value);
}
/// The number, also if the column holds it as text; nothing if it is none.
std::optional<std::int64_t> integer_of(const Value& value);
/// The bytes of a text or blob; empty for anything else. Good as long as the value.
std::string_view text_of(const Value& value);
/// A text, or null for an empty one.
Value text_or_null(std::string_view text);

using Row = std::vector<Value>;

/// What a statement gave.
struct Rows {
  std::vector<std::string> columns;  ///< their names; none of a statement that gives no rows
  std::vector<Row> rows;
  std::uint64_t affected = 0;  ///< rows written or deleted
  std::int64_t last_id = 0;    ///< that the database gave to the last row inserted
};

}  // namespace opensips::storage
