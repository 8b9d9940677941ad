#include <algorithm>
#include <cctype>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "db_sqlite/connection.hh"
#include "db_sqlite/options.hh"
#include "module/module.hh"
#include "storage/backend.hh"

namespace opensips::db_sqlite {
namespace {

using storage::Column;
using storage::ColumnType;

std::string type_of(const Column& column) {
  switch (column.type) {
    case ColumnType::serial: return "INTEGER";
    case ColumnType::integer:
    case ColumnType::natural:
    case ColumnType::bigint: return "INTEGER";
    case ColumnType::real: return "REAL";
    case ColumnType::text: return fmt::format("CHAR({})", column.size);
    case ColumnType::long_text: return "TEXT";
    case ColumnType::blob: return "BLOB";
    case ColumnType::datetime: return "DATETIME";
  }
  return {};
}

}  // namespace

/// Databases that are files: the scheme `sqlite`.
class Sqlite final : public modules::Module, public storage::Backend {
 public:
  std::vector<modules::Parameter> parameters() override {
    return {
        modules::duration("busy_timeout", options_.busy_timeout, std::chrono::milliseconds(1), 0,
                          60'000, "Wait for a lock that another program holds; in milliseconds."),
        modules::calling<&Sqlite::set_synchronous>(
            "synchronous", this,
            "NORMAL: what was written last may be lost when the machine loses power; FULL: "
            "nothing is, and writing takes longer."),
        modules::integer("max_size", options_.max_size, 0, 1 << 20,
                         "Most megabytes that a file may grow to; 0 is no limit."),
    };
  }
  storage::Backend* backend() override { return this; }

  std::string_view scheme() const override { return "sqlite"; }
  bool has_one_writer() const override { return true; }

  std::expected<std::unique_ptr<storage::Connection>, storage::Error> connect(
      const storage::Url& url, const ConnectOptions& options) override {
    return Connection::open(url.path, options_, options.create);
  }

  std::string declare(const Column& column) const override {
    const auto text = type_of(column) + storage::constraints_of(column);
    if (column.type != ColumnType::serial) return text;
    return "INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL";
  }

 private:
  std::optional<std::string> set_synchronous(const std::string& text) {
    std::string word = text;
    std::ranges::transform(word, word.begin(), [](unsigned char c) { return std::toupper(c); });
    if (word != "NORMAL" && word != "FULL") return "expected NORMAL or FULL";
    options_.synchronous = word;
    return std::nullopt;
  }

  Options options_;
};

}  // namespace opensips::db_sqlite

OPENSIPS_MODULE(opensips::db_sqlite::Sqlite, .name = "db_sqlite", .version = "1.0",
                .doc = "Databases that are files, by SQLite.");
