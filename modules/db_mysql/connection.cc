#include "db_mysql/connection.hh"

#include <sys/socket.h>

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include <errmsg.h>
#include <fmt/format.h>

#include "db_mysql/failure.hh"
#include "db_mysql/result.hh"
#include "storage/schema.hh"

namespace opensips::db_mysql {
namespace {

using storage::Error;
using storage::Outcome;
using storage::Value;

unsigned whole_seconds(std::chrono::milliseconds time) {
  return static_cast<unsigned>(std::chrono::ceil<std::chrono::seconds>(time).count());
}

/// The library only reads what is bound to be sent.
void bind_bytes(MYSQL_BIND& to, const std::string& bytes, enum_field_types type) {
  to.buffer_type = type;
  to.buffer = const_cast<char*>(bytes.data());
  to.buffer_length = bytes.size();
}

void bind(MYSQL_BIND& to, const Value& value) {
  struct Binder {
    MYSQL_BIND& to;
    void operator()(std::monostate) const { to.buffer_type = MYSQL_TYPE_NULL; }
    void operator()(const std::int64_t& number) const {
      to.buffer_type = MYSQL_TYPE_LONGLONG;
      to.buffer = const_cast<std::int64_t*>(&number);
    }
    void operator()(const double& number) const {
      to.buffer_type = MYSQL_TYPE_DOUBLE;
      to.buffer = const_cast<double*>(&number);
    }
    void operator()(const std::string& text) const { bind_bytes(to, text, MYSQL_TYPE_STRING); }
    void operator()(const storage::Blob& blob) const {
      bind_bytes(to, blob.bytes, MYSQL_TYPE_BLOB);
    }
  };
  std::visit(Binder{to}, value);
}

}  // namespace

std::expected<std::unique_ptr<Connection>, Error> Connection::open(const storage::Url& url,
                                                                   const Options& options) {
  static std::once_flag once;
  std::call_once(once, [] { mysql_library_init(0, nullptr, nullptr); });
  std::unique_ptr<Connection> made(new Connection(url.shown()));
  made->handle_.reset(mysql_init(nullptr));
  auto* const handle = made->handle_.get();
  if (!handle) return std::unexpected(error_of(CR_OUT_OF_MEMORY, "no memory"));
  if (!made->set_up(url, options)) {
    return std::unexpected(error_of(mysql_errno(handle), mysql_error(handle)));
  }
  made->socket_ = static_cast<int>(mysql_get_socket(handle));
  return made;
}

bool Connection::set_up(const storage::Url& url, const Options& options) {
  auto* const handle = handle_.get();
  const unsigned limit = whole_seconds(options.limit);
  const unsigned silence = whole_seconds(options.silence);
  mysql_options(handle, MYSQL_OPT_CONNECT_TIMEOUT, &limit);
  mysql_options(handle, MYSQL_OPT_READ_TIMEOUT, &silence);
  mysql_options(handle, MYSQL_OPT_WRITE_TIMEOUT, &silence);
  mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  const std::string database(url.database());
  const auto or_none = [](const std::string& text) {
    return text.empty() ? nullptr : text.c_str();
  };
  const bool connected =
      mysql_real_connect(handle, or_none(url.host), or_none(url.user), or_none(url.password),
                         options.create ? nullptr : database.c_str(), url.port, nullptr,
                         0) != nullptr;
  if (!connected || !options.create) return connected;
  return create_database(database) && mysql_select_db(handle, database.c_str()) == 0;
}

bool Connection::create_database(const std::string& name) {
  // Its name stands in the statement: a quote in it is doubled.
  std::string quoted;
  for (const char c : name) quoted.append(c == '`' ? 2 : 1, c);
  const auto text = fmt::format("CREATE DATABASE IF NOT EXISTS `{}`", quoted);
  return mysql_real_query(handle_.get(), text.data(), text.size()) == 0;
}

/// What is waited for comes to an end at once; the connection is of no use afterwards.
void Connection::interrupt() {
  interrupted_ = true;
  if (const int socket = socket_; socket >= 0) ::shutdown(socket, SHUT_RDWR);
}

std::unexpected<Error> Connection::failure(unsigned number, const char* text) {
  auto error = error_of(number, fmt::format("{}: {}", name_, text));
  if (ends_connection(number)) usable_ = false;
  if (interrupted_) {
    usable_ = false;
    error.kind = Error::Kind::timed_out;
    error.untouched = false;
  }
  return std::unexpected(std::move(error));
}

std::unexpected<Error> Connection::failure() {
  return failure(mysql_errno(handle_.get()), mysql_error(handle_.get()));
}

MYSQL_STMT* Connection::prepare(const std::string& text, Outcome& outcome) {
  if (const auto* const found = prepared_.find(text)) return found->get();
  Prepared made(mysql_stmt_init(handle_.get()));
  if (!made) {
    outcome = failure();
    return nullptr;
  }
  if (mysql_stmt_prepare(made.get(), text.data(), text.size()) != 0) {
    outcome = failure(mysql_stmt_errno(made.get()), mysql_stmt_error(made.get()));
    return nullptr;
  }
  return prepared_.add(text, std::move(made)).get();
}

Outcome Connection::execute(const storage::Statement& statement, std::span<const Value> values) {
  Outcome outcome;
  auto* const prepared = prepare(statement.text, outcome);
  if (!prepared) return outcome;
  const auto wanted = mysql_stmt_param_count(prepared);
  if (wanted != values.size()) {
    return std::unexpected(Error{
        Error::Kind::statement,
        fmt::format("{}: {} values for a statement with {} of '?'", name_, values.size(), wanted)});
  }
  std::vector<MYSQL_BIND> places(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) bind(places[i], values[i]);
  const bool done = (places.empty() || mysql_stmt_bind_param(prepared, places.data()) == 0) &&
                    mysql_stmt_execute(prepared) == 0 && fetch(prepared, *outcome);
  if (!done) outcome = failure(mysql_stmt_errno(prepared), mysql_stmt_error(prepared));
  mysql_stmt_free_result(prepared);
  return outcome;
}

std::expected<void, Error> Connection::transaction(Step step) {
  constexpr std::string_view kTexts[] = {"START TRANSACTION", "COMMIT", "ROLLBACK"};
  const auto text = kTexts[static_cast<std::size_t>(step)];
  if (mysql_real_query(handle_.get(), text.data(), text.size()) != 0) return failure();
  return {};
}

}  // namespace opensips::db_mysql
