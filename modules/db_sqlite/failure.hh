#pragma once

#include <string_view>

#include "storage/error.hh"

struct sqlite3;

namespace opensips::db_sqlite {

/// What a call that gave `code` (extended) on `handle` failed for. `file` names it in the text.
storage::Error error_of(sqlite3* handle, int code, std::string_view file);

/// After `code` another connection is needed: the file is gone, damaged, or cannot be read.
bool ends_connection(int code);

}  // namespace opensips::db_sqlite
