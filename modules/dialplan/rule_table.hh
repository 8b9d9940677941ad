#pragma once

#include <atomic>
#include <expected>
#include <string>

#include "dialplan/rule_set.hh"
#include "storage/storage.hh"

namespace opensips::dialplan {

/// Rules in a database: OpenSIPS's table `dialplan`.
class RuleTable {
 public:
  RuleTable(std::string url, std::string table) : url_(std::move(url)), table_(std::move(table)) {}

  /// Before load(). The error is for the operator: there is no such database or table, or it has
  /// another version. One that cannot be reached is none.
  std::expected<void, std::string> open(storage::Storage& databases);

  /// All rules; or what is wrong, a line for each thing. None as long as it is not open. Waits, and
  /// takes its time: not for a worker.
  std::expected<RuleSet, std::string> load();
  /// It failed the last time because the database did not answer: later it may. Any thread.
  bool was_unreachable() const { return unreachable_; }

 private:
  std::expected<void, std::string> check();
  std::expected<RuleSet, std::string> read(const storage::Rows& rows) const;

  const std::string url_, table_;
  std::string version_table_;
  storage::Database* database_ = nullptr;
  storage::StatementRef select_;
  bool checked_ = false;  // the table is there, and of our version
  std::atomic<bool> unreachable_ = false;
};

}  // namespace opensips::dialplan
