#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include <mysql.h>

#include "storage/backend.hh"
#include "storage/prepared.hh"

namespace opensips::db_mysql {

/// A connection to a server of MySQL or MariaDB.
class Connection final : public storage::Connection {
 public:
  struct Options {
    std::chrono::milliseconds limit;    ///< for connecting
    std::chrono::milliseconds silence;  ///< after which the server is taken for dead
    bool create = false;                ///< the database
  };
  static std::expected<std::unique_ptr<Connection>, storage::Error> open(const storage::Url& url,
                                                                         const Options& options);

  storage::Outcome execute(const storage::Statement& statement,
                           std::span<const storage::Value> values) override;
  std::expected<void, storage::Error> transaction(Step step) override;
  void interrupt() override;
  bool usable() const override { return usable_; }

 private:
  struct Close {
    void operator()(MYSQL* handle) const { mysql_close(handle); }
  };
  struct CloseStatement {
    void operator()(MYSQL_STMT* statement) const { mysql_stmt_close(statement); }
  };
  using Prepared = std::unique_ptr<MYSQL_STMT, CloseStatement>;

  explicit Connection(std::string name) : name_(std::move(name)) {}

  bool set_up(const storage::Url& url, const Options& options);
  bool create_database(const std::string& name);
  MYSQL_STMT* prepare(const std::string& text, storage::Outcome& failure);
  std::unexpected<storage::Error> failure(unsigned number, const char* text);
  std::unexpected<storage::Error> failure();

  const std::string name_;  // for messages
  std::unique_ptr<MYSQL, Close> handle_;
  storage::PreparedStatements<Prepared> prepared_;  // closed before the connection is
  std::atomic<int> socket_ = -1;
  std::atomic<bool> interrupted_ = false;
  bool usable_ = true;
};

}  // namespace opensips::db_mysql
