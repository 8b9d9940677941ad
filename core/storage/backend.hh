#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "storage/error.hh"
#include "storage/schema.hh"
#include "storage/statement.hh"
#include "storage/url.hh"

/// What a module that brings a kind of database has to offer. Queues, limits, reconnecting and
/// threads are not its business: see storage/database.hh.
namespace opensips::storage {

/// More rows than that are an error of the statement: what they hold is in memory.
inline constexpr std::size_t kMostRows = 1'000'000;

/// One connection to a database. Its functions block; they are called by one thread at a time,
/// which is not a worker.
class Connection {
 public:
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  virtual ~Connection() = default;

  /// Carries a statement out. By itself, if there was no begin().
  virtual Outcome execute(const Statement& statement, std::span<const Value> values) = 0;

  enum class Step : std::uint8_t { begin, commit, rollback };
  /// Begins a transaction that will write, or ends it.
  virtual std::expected<void, Error> transaction(Step step) = 0;

  /// Makes the call that is under way return soon, with an error. Any thread.
  virtual void interrupt() = 0;

  /// After an error: whether it can be used any longer. If not, another one is made.
  virtual bool usable() const = 0;
};

/// A kind of database, known by the scheme of its URLs. Lives as long as the server. Its functions
/// are called on any thread, several at a time.
class Backend {
 public:
  virtual ~Backend() = default;

  virtual std::string_view scheme() const = 0;

  /// Its statements are SQL, and there are tables. Else a statement is the name of a command, with
  /// its arguments as values, and gives a tree (storage/reply_tree.hh).
  virtual bool is_sql() const { return true; }
  /// A statement that does nothing, and shows that the server answers.
  virtual std::string_view probe() const { return "SELECT 1"; }

  /// One connection at a time may write: then there is one for writing, and one for reading.
  virtual bool has_one_writer() const { return false; }

  struct ConnectOptions {
    std::chrono::milliseconds limit{2000};
    bool create = false;  ///< makes the database if it is not there
  };
  /// Blocks for no longer than the limit.
  virtual std::expected<std::unique_ptr<Connection>, Error> connect(
      const Url& url, const ConnectOptions& options) = 0;

  /// How a column of a table is declared here: "INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL".
  virtual std::string declare(const Column& column) const = 0;
};

}  // namespace opensips::storage
