#include <string>

#include <fmt/format.h>

#include "db_mysql/connection.hh"
#include "module/module.hh"
#include "storage/backend.hh"

namespace opensips::db_mysql {
namespace {

using storage::Column;
using storage::ColumnType;

/// Names are told apart by their letters' case, as SIP does.
constexpr std::string_view kText = "CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";

std::string type_of(const Column& column) {
  switch (column.type) {
    case ColumnType::serial: return "INT UNSIGNED AUTO_INCREMENT";
    case ColumnType::integer: return "INT";
    case ColumnType::natural: return "INT UNSIGNED";
    case ColumnType::bigint: return "BIGINT";
    case ColumnType::real: return "DOUBLE";
    case ColumnType::text: return fmt::format("VARCHAR({}) {}", column.size, kText);
    case ColumnType::long_text: return fmt::format("TEXT {}", kText);
    case ColumnType::blob: return "MEDIUMBLOB";
    case ColumnType::datetime: return "DATETIME";
  }
  return {};
}

}  // namespace

/// Databases on a server of MySQL or MariaDB: the scheme `mysql`.
class Mysql final : public modules::Module, public storage::Backend {
 public:
  std::vector<modules::Parameter> parameters() override {
    return {modules::duration("timeout_interval", timeout_, std::chrono::seconds(1), 1, 3600,
                              "Give a connection up on which nothing comes for so long while an "
                              "answer is due; in seconds.")};
  }
  storage::Backend* backend() override { return this; }

  std::string_view scheme() const override { return "mysql"; }

  std::expected<std::unique_ptr<storage::Connection>, storage::Error> connect(
      const storage::Url& url, const ConnectOptions& options) override {
    return Connection::open(
        url, {.limit = options.limit, .silence = timeout_, .create = options.create});
  }

  std::string declare(const Column& column) const override {
    return type_of(column) + storage::constraints_of(column);
  }

 private:
  std::chrono::milliseconds timeout_{30'000};
};

}  // namespace opensips::db_mysql

OPENSIPS_MODULE(opensips::db_mysql::Mysql, .name = "db_mysql", .version = "1.0",
                .doc = "Databases on servers of MySQL or MariaDB.");
