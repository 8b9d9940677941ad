#pragma once

#include <string>

#include "storage/error.hh"

namespace opensips::db_mysql {

/// What an error number of the server or of the client library means; `text` is what they say.
storage::Error error_of(unsigned number, std::string text);

/// After it another connection is needed.
bool ends_connection(unsigned number);

}  // namespace opensips::db_mysql
