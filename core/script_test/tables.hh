#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/guarded.hh"
#include "module/module.hh"
#include "storage/backend.hh"

namespace opensips::script_test {

/// The server's own tables, in memory, with the rows that a test puts there: what a statement finds
/// that no answer is laid out for. By the module db_sqlite, whatever database the configuration
/// names. Any thread.
class Tables {
 public:
  /// `mpath`: where modules are.
  explicit Tables(std::vector<std::string> mpath) : mpath_(std::move(mpath)) {}

  /// The error is for whoever wrote the test.
  std::expected<void, std::string> insert(std::string_view table,
                                          const std::vector<std::string>& columns,
                                          const std::vector<storage::Value>& values);
  storage::Outcome execute(const storage::Statement& statement,
                           std::span<const storage::Value> values);
  std::expected<void, storage::Error> transaction(storage::Connection::Step step);

 private:
  struct State {
    std::unique_ptr<modules::Module> module;
    std::unique_ptr<storage::Connection> connection;
    std::string trouble;  ///< why there are none
  };

  void open(State& state) const;
  static std::string create_all(storage::Backend& backend, storage::Connection& connection);

  const std::vector<std::string> mpath_;
  base::Guarded<State> state_;
};

}  // namespace opensips::script_test
