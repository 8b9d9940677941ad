#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "storage/value.hh"

namespace opensips::storage {

/// Why a statement was not carried out.
struct Error {
  enum class Kind : std::uint8_t {
    unavailable,  ///< the database cannot be reached, or was not a moment ago (its circuit is open)
    timed_out,    ///< nothing came back within the limit; a write may have been done all the same
    busy,         ///< too much waits already
    locked,       ///< somebody else has it locked
    full,         ///< no room left on its disk
    read_only,    ///< it may not be written
    corrupt,      ///< what is there is no database, or a damaged one
    missing,      ///< there is no such database, or table
    constraint,   ///< a row like that is there already, or may not be
    statement,    ///< the statement itself is wrong
  };
  Kind kind;
  std::string text = {};  ///< one line for the log
  /// Nothing has reached the database: doing it again does no harm.
  bool untouched = false;
};

/// "unavailable", "timed out", …: what a script is told.
std::string_view to_string(Error::Kind kind);

/// The database is to blame, and later it may work: a write is worth keeping.
bool is_temporary(Error::Kind kind);

using Outcome = std::expected<Rows, Error>;

}  // namespace opensips::storage
