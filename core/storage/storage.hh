#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/guarded.hh"
#include "base/stats.hh"
#include "manage/command.hh"
#include "storage/database.hh"

namespace opensips::storage {

/// The databases of the server, and the kinds that its modules know. Any thread.
class Storage {
 public:
  /// `default_url`: of the database for those who name none; empty: there is none. `version_table`:
  /// the table in each that says which version the others are.
  explicit Storage(const Database::Options& options = {}, std::string default_url = {},
                   std::string version_table = std::string(kVersionTable))
      : options_(options),
        default_url_(std::move(default_url)),
        version_table_(std::move(version_table)) {}
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;
  ~Storage() { stop(std::chrono::milliseconds(0)); }

  /// Before anything is opened. It outlives this.
  void add(Backend& backend);

  /// The database at a URL, connecting already; the same one for the same URL. It lives as long as
  /// this. The error is for the operator.
  std::expected<Database*, std::string> open(std::string_view url);
  const std::string& default_url() const { return default_url_; }
  const std::string& version_table() const { return version_table_; }

  /// A number for a database that was opened, which finds it again.
  std::size_t number_of(const Database& database) const;
  Database& at(std::size_t number) const;

  /// Waits until all that they were given is done and has been told: for tests.
  void settle();

  /// Ends all of them, what waits being done first if it takes no longer. Twice is once.
  void stop(std::chrono::milliseconds patience);

  /// "db:queries" and others, sums over all.
  void add_to(base::Stats& statistics);
  /// `db:list`
  void add_to(manage::Commands& commands);

 private:
  struct State {
    std::vector<Backend*> backends;
    std::vector<std::pair<std::string, std::unique_ptr<Database>>> databases;  // by their URLs
  };

  std::uint64_t sum(std::uint64_t (*of)(const Database::Report&)) const;
  manage::Json list() const;

  Database::Options options_;
  std::string default_url_;
  std::string version_table_;
  base::Guarded<State> state_;
};

}  // namespace opensips::storage
