#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include <sqlite3.h>

#include "db_sqlite/options.hh"
#include "storage/backend.hh"
#include "storage/prepared.hh"

namespace opensips::db_sqlite {

/// A file of SQLite, opened. In WAL mode, so that who reads does not wait for who writes.
class Connection final : public storage::Connection {
 public:
  static std::expected<std::unique_ptr<Connection>, storage::Error> open(const std::string& file,
                                                                         const Options& options,
                                                                         bool create);

  storage::Outcome execute(const storage::Statement& statement,
                           std::span<const storage::Value> values) override;
  std::expected<void, storage::Error> transaction(Step step) override;
  void interrupt() override;
  bool usable() const override { return usable_; }

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  using Prepared = std::unique_ptr<sqlite3_stmt, Finalize>;
  using Clock = std::chrono::steady_clock;

  Connection(std::string file, const Options& options)
      : file_(std::move(file)), options_(options) {}

  std::expected<void, storage::Error> set_up();
  storage::Outcome execute_waiting(const storage::Statement& statement);
  bool is_still_there() const;
  std::expected<sqlite3_stmt*, storage::Error> prepare(const std::string& text);
  storage::Outcome run(sqlite3_stmt* statement, std::span<const storage::Value> values);
  storage::Outcome fetch(sqlite3_stmt* statement);
  std::unexpected<storage::Error> failure(int code);
  std::unexpected<storage::Error> refuse(std::string why) const;
  static int on_busy(void* self, int tries);

  const std::string file_;
  const Options options_;
  std::uint64_t inode_ = 0;  // of the file that was opened
  std::unique_ptr<sqlite3, Close> handle_;
  storage::PreparedStatements<Prepared> prepared_;
  Clock::time_point busy_since_;
  std::atomic<bool> interrupted_ = false;
  bool usable_ = true;
};

}  // namespace opensips::db_sqlite
