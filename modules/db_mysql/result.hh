#pragma once

#include <mysql.h>

#include "storage/error.hh"

namespace opensips::db_mysql {

/// What a statement that was executed gives: its rows, if it has any. Nothing: the statement has an
/// error.
bool fetch(MYSQL_STMT* statement, storage::Rows& to);

}  // namespace opensips::db_mysql
