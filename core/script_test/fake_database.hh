#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "script_test/answers.hh"
#include "script_test/tables.hh"
#include "storage/backend.hh"

namespace opensips::script_test {

/// A kind of database that says what a test has laid out, else what the tables have; Redis only the
/// former. It stands in for the module's that the configuration loads. Any thread.
class FakeDatabase final : public storage::Backend {
 public:
  /// All outlive it.
  FakeDatabase(std::string scheme, Answers& answers, Tables& tables)
      : scheme_(std::move(scheme)), answers_(answers), tables_(tables) {}

  std::string_view scheme() const override { return scheme_; }
  bool is_sql() const override { return scheme_ != "redis"; }
  std::string_view probe() const override { return "PROBE"; }
  std::expected<std::unique_ptr<storage::Connection>, storage::Error> connect(
      const storage::Url& url, const ConnectOptions& options) override;
  /// Nobody makes tables here.
  std::string declare(const storage::Column&) const override { return {}; }

 private:
  class Link;

  const std::string scheme_;
  Answers& answers_;
  Tables& tables_;
};

}  // namespace opensips::script_test
