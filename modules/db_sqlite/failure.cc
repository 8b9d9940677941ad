#include "db_sqlite/failure.hh"

#include <cerrno>
#include <cstring>
#include <string>

#include <fmt/format.h>
#include <sqlite3.h>

namespace opensips::db_sqlite {
namespace {

using Kind = storage::Error::Kind;

constexpr int primary(int code) {
  return code & 0xff;
}

bool has_no_room(sqlite3* handle) {
  const int error = handle ? sqlite3_system_errno(handle) : 0;
  return error == ENOSPC || error == EDQUOT;
}

Kind kind_of(sqlite3* handle, int code) {
  if (code == SQLITE_READONLY_DBMOVED) return Kind::unavailable;
  switch (primary(code)) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return Kind::locked;
    case SQLITE_FULL: return Kind::full;
    case SQLITE_READONLY: return Kind::read_only;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return Kind::corrupt;
    case SQLITE_CONSTRAINT: return Kind::constraint;
    case SQLITE_INTERRUPT: return Kind::timed_out;
    case SQLITE_IOERR: return has_no_room(handle) ? Kind::full : Kind::unavailable;
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
    case SQLITE_PERM: return Kind::unavailable;
    case SQLITE_ERROR: {
      const std::string_view text = handle ? sqlite3_errmsg(handle) : "";
      return text.starts_with("no such table") ? Kind::missing : Kind::statement;
    }
    default: return Kind::statement;
  }
}

}  // namespace

storage::Error error_of(sqlite3* handle, int code, std::string_view file) {
  std::string text = handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
  const int error = handle ? sqlite3_system_errno(handle) : 0;
  const bool is_about_the_file = primary(code) == SQLITE_IOERR || primary(code) == SQLITE_CANTOPEN;
  if (is_about_the_file && error != 0) text += fmt::format(" ({})", std::strerror(error));
  return {kind_of(handle, code), fmt::format("{}: {}", file, text)};
}

bool ends_connection(int code) {
  const int kind = primary(code);
  return code == SQLITE_READONLY_DBMOVED || kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB ||
         kind == SQLITE_IOERR || kind == SQLITE_CANTOPEN;
}

}  // namespace opensips::db_sqlite
