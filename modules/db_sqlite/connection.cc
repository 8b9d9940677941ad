#include "db_sqlite/connection.hh"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "db_sqlite/failure.hh"

namespace opensips::db_sqlite {
namespace {

using storage::Error;
using storage::Outcome;
using storage::Value;

/// Between two looks at a lock that another has.
std::chrono::milliseconds nap(int tries) {
  constexpr std::chrono::milliseconds kLongest{20};
  return std::min(std::chrono::milliseconds(1 + tries), kLongest);
}

int bind(sqlite3_stmt* statement, int place, const Value& value) {
  struct Binder {
    sqlite3_stmt* to;
    int at;
    int operator()(std::monostate) const { return sqlite3_bind_null(to, at); }
    int operator()(std::int64_t number) const { return sqlite3_bind_int64(to, at, number); }
    int operator()(double number) const { return sqlite3_bind_double(to, at, number); }
    int operator()(const std::string& text) const {
      return sqlite3_bind_text64(to, at, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
    }
    int operator()(const storage::Blob& blob) const {
      return sqlite3_bind_blob64(to, at, blob.bytes.data(), blob.bytes.size(), SQLITE_STATIC);
    }
  };
  return std::visit(Binder{statement, place}, value);
}

std::string bytes_of(sqlite3_stmt* statement, int column) {
  const auto* const bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
  return bytes ? std::string(bytes, size) : std::string();
}

Value value_of(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER: return std::int64_t{sqlite3_column_int64(statement, column)};
    case SQLITE_FLOAT: return sqlite3_column_double(statement, column);
    case SQLITE_TEXT: return bytes_of(statement, column);
    case SQLITE_BLOB: return storage::Blob{bytes_of(statement, column)};
    default: return std::monostate{};
  }
}

storage::Row row_of(sqlite3_stmt* statement) {
  storage::Row row;
  const int columns = sqlite3_column_count(statement);
  row.reserve(static_cast<std::size_t>(columns));
  for (int i = 0; i < columns; ++i) row.push_back(value_of(statement, i));
  return row;
}

/// 0: there is no file of that name.
std::uint64_t inode_of(const std::string& file) {
  struct stat status {};
  return ::stat(file.c_str(), &status) == 0 ? status.st_ino : 0;
}

}  // namespace

std::expected<std::unique_ptr<Connection>, Error> Connection::open(const std::string& file,
                                                                   const Options& options,
                                                                   bool create) {
  if (!create && ::access(file.c_str(), F_OK) != 0 && errno == ENOENT) {
    return std::unexpected(Error{Error::Kind::missing, fmt::format("there is no file {}", file)});
  }
  std::unique_ptr<Connection> made(new Connection(file, options));
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (create ? SQLITE_OPEN_CREATE : 0);
  const int code = sqlite3_open_v2(file.c_str(), &handle, flags, nullptr);
  made->handle_.reset(handle);
  if (code != SQLITE_OK) return made->failure(code);
  sqlite3_busy_handler(handle, on_busy, made.get());
  made->inode_ = inode_of(file);
  if (const auto set = made->set_up(); !set) return std::unexpected(set.error());
  return made;
}

std::expected<void, Error> Connection::set_up() {
  constexpr int kPageSize = 4096;
  std::vector<std::string> pragmas{"PRAGMA journal_mode=WAL",
                                   "PRAGMA synchronous=" + options_.synchronous};
  if (options_.max_size > 0) {
    const auto pages = (std::int64_t{options_.max_size} << 20) / kPageSize;
    pragmas.push_back(fmt::format("PRAGMA max_page_count={}", pages));
  }
  for (const std::string& text : pragmas) {
    const auto done = execute_waiting({text, false});
    if (done) continue;
    // A file that may only be read stays in the mode that it has.
    if (done.error().kind != Error::Kind::read_only) return std::unexpected(done.error());
  }
  return {};
}

/// Two that change the journal's mode at once could wait for each other for ever: SQLite tells one
/// of them so at once, without asking on_busy.
Outcome Connection::execute_waiting(const storage::Statement& statement) {
  const auto until = Clock::now() + options_.busy_timeout;
  for (int tries = 0;; ++tries) {
    auto outcome = execute(statement, {});
    if (outcome || outcome.error().kind != Error::Kind::locked || Clock::now() >= until) {
      return outcome;
    }
    std::this_thread::sleep_for(nap(tries));
  }
}

/// Called while another has the lock: 0 gives up.
int Connection::on_busy(void* self, int tries) {
  auto& connection = *static_cast<Connection*>(self);
  const auto now = Clock::now();
  if (tries == 0) connection.busy_since_ = now;
  if (connection.interrupted_.load(std::memory_order_relaxed) ||
      now - connection.busy_since_ >= connection.options_.busy_timeout) {
    return 0;
  }
  std::this_thread::sleep_for(nap(tries));
  return 1;
}

void Connection::interrupt() {
  interrupted_.store(true, std::memory_order_relaxed);
  sqlite3_interrupt(handle_.get());
}

std::unexpected<Error> Connection::failure(int code) {
  if (ends_connection(code)) usable_ = false;
  return std::unexpected(error_of(handle_.get(), code, file_));
}

std::unexpected<Error> Connection::refuse(std::string why) const {
  return std::unexpected(
      Error{Error::Kind::statement, fmt::format("{}: {}", file_, std::move(why))});
}

std::expected<sqlite3_stmt*, Error> Connection::prepare(const std::string& text) {
  if (const auto* const found = prepared_.find(text)) return found->get();
  sqlite3_stmt* made = nullptr;
  const char* rest = nullptr;
  const int code = sqlite3_prepare_v3(handle_.get(), text.data(), static_cast<int>(text.size()),
                                      SQLITE_PREPARE_PERSISTENT, &made, &rest);
  Prepared statement(made);
  if (code != SQLITE_OK) return failure(code);
  const std::string_view behind(rest, text.data() + text.size());
  if (!made || behind.find_first_not_of(" \t\r\n;") != std::string_view::npos) {
    return refuse("expected one statement");
  }
  return prepared_.add(text, std::move(statement)).get();
}

/// SQLite would go on writing to a file that has lost its name, or was replaced.
bool Connection::is_still_there() const {
  return inode_of(file_) == inode_;
}

Outcome Connection::execute(const storage::Statement& statement, std::span<const Value> values) {
  if (!is_still_there()) {
    usable_ = false;
    return std::unexpected(
        Error{Error::Kind::unavailable, fmt::format("{}: another file has its name", file_), true});
  }
  interrupted_.store(false, std::memory_order_relaxed);
  const auto prepared = prepare(statement.text);
  if (!prepared) return std::unexpected(prepared.error());
  auto outcome = run(*prepared, values);
  sqlite3_reset(*prepared);
  sqlite3_clear_bindings(*prepared);
  return outcome;
}

Outcome Connection::run(sqlite3_stmt* statement, std::span<const Value> values) {
  const auto wanted = static_cast<std::size_t>(sqlite3_bind_parameter_count(statement));
  if (wanted != values.size()) {
    return refuse(fmt::format("{} values for a statement with {} of '?'", values.size(), wanted));
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const int code = bind(statement, static_cast<int>(i) + 1, values[i]);
    if (code != SQLITE_OK) return failure(code);
  }
  return fetch(statement);
}

Outcome Connection::fetch(sqlite3_stmt* statement) {
  storage::Rows rows;
  int code = sqlite3_step(statement);
  for (; code == SQLITE_ROW; code = sqlite3_step(statement)) {
    if (rows.rows.size() >= storage::kMostRows) return refuse("too many rows");
    rows.rows.push_back(row_of(statement));
  }
  if (code != SQLITE_DONE) return failure(code);
  for (int i = 0; i < sqlite3_column_count(statement); ++i) {
    rows.columns.emplace_back(sqlite3_column_name(statement, i));
  }
  if (sqlite3_stmt_readonly(statement) == 0) {
    rows.affected = static_cast<std::uint64_t>(sqlite3_changes64(handle_.get()));
    rows.last_id = sqlite3_last_insert_rowid(handle_.get());
  }
  return rows;
}

std::expected<void, Error> Connection::transaction(Step step) {
  // Some failures have rolled it back already.
  if (step == Step::rollback && sqlite3_get_autocommit(handle_.get()) != 0) return {};
  // The lock for writing is taken at once: getting it half-way could fail without waiting.
  static const storage::Statement begin{"BEGIN IMMEDIATE", true}, commit{"COMMIT", true},
      rollback{"ROLLBACK", true};
  const auto& statement = step == Step::begin ? begin : step == Step::commit ? commit : rollback;
  const auto done = execute(statement, {});
  if (!done) return std::unexpected(done.error());
  return {};
}

}  // namespace opensips::db_sqlite
