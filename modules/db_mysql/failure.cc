#include "db_mysql/failure.hh"

#include <utility>

#include <errmsg.h>
#include <mysql.h>
#include <mysqld_error.h>

namespace opensips::db_mysql {
namespace {

using Kind = storage::Error::Kind;

/// Some numbers are MariaDB's or of the storage engine, and have no name in every version's
/// headers.
constexpr unsigned kStatementTimeout = 1969;
constexpr unsigned kConnectionKilled = 1927;
constexpr unsigned kCrashedOnUsage = 1194, kCrashedOnRepair = 1195;

Kind kind_of(unsigned number) {
  switch (number) {
    case ER_BAD_DB_ERROR:
    case ER_NO_SUCH_TABLE: return Kind::missing;
    case ER_LOCK_WAIT_TIMEOUT:
    case ER_LOCK_DEADLOCK: return Kind::locked;
    case ER_RECORD_FILE_FULL:
    case ER_DISK_FULL: return Kind::full;
    case ER_OPTION_PREVENTS_STATEMENT:
    case ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION: return Kind::read_only;
    case kCrashedOnUsage:
    case kCrashedOnRepair: return Kind::corrupt;
    case ER_QUERY_INTERRUPTED:
    case kStatementTimeout: return Kind::timed_out;
    case ER_DUP_ENTRY:
    case ER_BAD_NULL_ERROR:
    case ER_NO_DEFAULT_FOR_FIELD:
    case ER_DATA_TOO_LONG:
    case ER_WARN_DATA_OUT_OF_RANGE:
    case ER_TRUNCATED_WRONG_VALUE_FOR_FIELD:
    case ER_ROW_IS_REFERENCED_2:
    case ER_NO_REFERENCED_ROW_2: return Kind::constraint;
    case ER_CON_COUNT_ERROR:
    case ER_ACCESS_DENIED_ERROR:
    case ER_DBACCESS_DENIED_ERROR:
    case ER_SERVER_SHUTDOWN:
    case kConnectionKilled: return Kind::unavailable;
    default: return number >= CR_MIN_ERROR ? Kind::unavailable : Kind::statement;
  }
}

}  // namespace

storage::Error error_of(unsigned number, std::string text) {
  return {kind_of(number), std::move(text), number == CR_SERVER_GONE_ERROR};
}

bool ends_connection(unsigned number) {
  return kind_of(number) == Kind::unavailable;
}

}  // namespace opensips::db_mysql
