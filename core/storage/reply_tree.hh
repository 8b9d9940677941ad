#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>

#include "storage/value.hh"

/// How a database that has no tables gives a tree of values as Rows: a row for each value, and one
/// for each list, before those of what is in it.
namespace opensips::storage {

/// What such a tree has at most: all of it is in memory.
inline constexpr std::size_t kMostReplyValues = 100'000;

inline Row value_row(Value value) {
  Row row;
  row.push_back(std::move(value));
  return row;
}

/// For a list of so many values, or lists.
inline Row list_row(std::size_t size) {
  return {std::monostate(), static_cast<std::int64_t>(size)};
}

/// How many are in the list that begins there; nothing: it is a value, the row's first.
inline std::optional<std::size_t> list_size(const Row& row) {
  if (row.size() < 2) return std::nullopt;
  return static_cast<std::size_t>(std::get<std::int64_t>(row[1]));
}

}  // namespace opensips::storage
