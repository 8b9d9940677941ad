#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/value.hh"

namespace opensips::storage {

/// The text of an SQL statement, with a `?` for each value. Made once by whoever uses it again and
/// again: a connection prepares it once. Any thread.
struct Statement {
  std::string text;
  bool writes = false;  ///< false: it only looks
};
using StatementRef = std::shared_ptr<const Statement>;

/// What begins with SELECT or alike only looks; anything else writes.
StatementRef make_statement(std::string text);

/// A statement and its values.
struct Query {
  StatementRef statement;
  std::vector<Value> values;
};

}  // namespace opensips::storage
