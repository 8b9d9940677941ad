#include "storage/create.hh"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace opensips::storage {
namespace {

using Step = Connection::Step;

/// A database, step by step: once one has failed, no other is done.
class Workbench {
 public:
  Workbench(Backend& backend, const Url& url, bool create) : backend_(backend) {
    auto made = backend.connect(url, {.limit = std::chrono::seconds(10), .create = create});
    if (made) {
      connection_ = std::move(*made);
    } else {
      failure_ = made.error().text;
    }
  }

  Rows run(std::string text, std::vector<Value> values = {}) {
    if (failure_) return {};
    auto outcome = connection_->execute(*make_statement(std::move(text)), values);
    if (outcome) return std::move(*outcome);
    failure_ = outcome.error().text;
    return {};
  }

  void step(Step which) {
    if (failure_) return;
    if (const auto done = connection_->transaction(which); !done) failure_ = done.error().text;
  }

  /// The columns of a table; none if it is not there.
  std::vector<std::string> columns_of(std::string_view table) {
    if (failure_) return {};
    auto outcome =
        connection_->execute(*make_statement(fmt::format("SELECT * FROM {} LIMIT 0", table)), {});
    if (outcome) return std::move(outcome->columns);
    if (outcome.error().kind != Error::Kind::missing) failure_ = outcome.error().text;
    return {};
  }

  /// 0: there is no such table.
  std::int64_t version_of(std::string_view table) {
    const auto rows =
        run(fmt::format("SELECT table_version FROM {} WHERE table_name = ?", kVersionTable),
            {std::string(table)});
    return rows.rows.empty() ? 0 : integer_of(rows.rows[0][0]).value_or(0);
  }

  void set_version(const Table& table) {
    run(fmt::format("DELETE FROM {} WHERE table_name = ?", kVersionTable),
        {std::string(table.name)});
    run(fmt::format("INSERT INTO {} (table_name, table_version) VALUES (?, ?)", kVersionTable),
        {std::string(table.name), std::int64_t{table.version}});
  }

  void create(const Table& table) {
    run(create_statement(table, table.name, backend_));
    if (!table.index.empty()) run(index_statement(table));
  }

  bool failed() const { return failure_.has_value(); }

  ToolResult end(std::vector<std::string> done) {
    if (!failure_) return done;
    if (connection_ && connection_->usable()) (void)connection_->transaction(Step::rollback);
    return std::unexpected(*failure_);
  }

 private:
  Backend& backend_;
  std::unique_ptr<Connection> connection_;
  std::optional<std::string> failure_;
};

/// The table of versions has no version of itself.
bool is_version_table(const Table& table) {
  return table.name == kVersionTable;
}

void migrate(Workbench& bench, const Table& table, std::int64_t version) {
  const auto before = fmt::format("{}_v{}", table.name, version);
  const auto old_columns = bench.columns_of(table.name);
  std::string names, values;
  for (const Column& column : table.columns) {
    const bool was_there = std::ranges::find(old_columns, column.name) != old_columns.end();
    // What every row has to say, and old ones do not: nothing, as a text or a number.
    const bool is_needed = !column.nullable && column.otherwise.empty();
    if (!was_there && !is_needed) continue;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", column.name);
    values += fmt::format("{}{}", values.empty() ? "" : ", ",
                          was_there                         ? column.name
                          : column.type == ColumnType::text ? "''"
                                                            : "0");
  }
  bench.run(fmt::format("ALTER TABLE {} RENAME TO {}", table.name, before));
  bench.create(table);
  bench.run(
      fmt::format("INSERT INTO {} ({}) SELECT {} FROM {}", table.name, names, values, before));
  bench.set_version(table);
}

}  // namespace

ToolResult create_tables(Backend& backend, const Url& url, std::span<const std::string> names) {
  for (const auto& name : names) {
    if (!find_table(name)) return std::unexpected(fmt::format("no table {} is known", name));
  }
  Workbench bench(backend, url, true);
  std::vector<std::string> done;
  bench.step(Step::begin);
  for (const Table& table : tables()) {
    const bool wanted = names.empty() || is_version_table(table) ||
                        std::ranges::find(names, table.name) != names.end();
    if (!wanted) continue;
    if (!bench.columns_of(table.name).empty()) {
      done.push_back(fmt::format("table {} is there already", table.name));
      continue;
    }
    bench.create(table);
    if (!is_version_table(table)) bench.set_version(table);
    done.push_back(fmt::format("table {} created, version {}", table.name, table.version));
  }
  bench.step(Step::commit);
  return bench.end(std::move(done));
}

ToolResult migrate_tables(Backend& backend, const Url& url) {
  Workbench bench(backend, url, false);
  std::vector<std::string> done;
  bench.step(Step::begin);
  for (const Table& table : tables()) {
    if (is_version_table(table) || bench.failed()) continue;
    const auto version = bench.version_of(table.name);
    if (version == 0 || version >= table.version) continue;
    migrate(bench, table, version);
    done.push_back(fmt::format("table {} is version {} now; {}_v{} is what it was", table.name,
                               table.version, table.name, version));
  }
  bench.step(Step::commit);
  if (done.empty()) done.emplace_back("no table is older than this server");
  return bench.end(std::move(done));
}

ToolResult show_tables(Backend& backend, const Url& url) {
  Workbench bench(backend, url, false);
  std::vector<std::string> lines;
  for (const Table& table : tables()) {
    if (is_version_table(table) || bench.failed()) continue;
    const auto version = bench.version_of(table.name);
    lines.push_back(version == 0 ? fmt::format("table {}: not there", table.name)
                                 : fmt::format("table {}: version {}, expected {}", table.name,
                                               version, table.version));
  }
  return bench.end(std::move(lines));
}

}  // namespace opensips::storage
