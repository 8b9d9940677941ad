#include "dialplan/rule_table.hh"

#include <chrono>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "base/log.hh"
#include "dialplan/rule_builder.hh"
#include "storage/schema.hh"
#include "storage/versions.hh"

namespace opensips::dialplan {
namespace {

constexpr std::chrono::seconds kLimit{10};  // a large table takes its time
constexpr std::size_t kErrorsTold = 20;

/// What is wrong with the rows, as far as it is told.
class Faults {
 public:
  void add(const RuleRow& row, Column column, std::string_view message) {
    if (++count_ > kErrorsTold) return;
    text_ += fmt::format("{}rule {}: {}: {}", text_.empty() ? "" : "\n",
                         row.integer(Column::id).value_or(0),
                         kColumnNames[static_cast<unsigned>(column)], message);
  }
  bool none() const { return count_ == 0; }
  std::string text() && {
    if (count_ > kErrorsTold) text_ += fmt::format("\n{} more", count_ - kErrorsTold);
    return std::move(text_);
  }

 private:
  std::size_t count_ = 0;
  std::string text_;
};

/// The values of a row. False if one is none of its column.
bool read_row(const storage::Row& from, RuleRow& row, Faults& faults) {
  bool good = true;
  for (unsigned i = 0; i < kColumnNames.size(); ++i) {
    const auto column = static_cast<Column>(i);
    if (!is_integer(column)) {
      row.texts[i] = storage::text_of(from[i]);
    } else if (!storage::is_null(from[i])) {
      const auto number = storage::integer_of(from[i]);
      if (number && std::in_range<int>(*number)) {
        row.integers[i] = static_cast<int>(*number);
      } else {
        faults.add(row, column, "expected an integer of 32 bits");
        good = false;
      }
    }
  }
  return good;
}

}  // namespace

std::expected<void, std::string> RuleTable::open(storage::Storage& databases) {
  if (!storage::is_table_name(table_)) {
    return std::unexpected(fmt::format("\"{:.64}\" is no name of a table", table_));
  }
  version_table_ = databases.version_table();
  const auto database = databases.open(url_);
  if (!database) return std::unexpected(database.error());
  if (!(*database)->backend().is_sql()) {
    return std::unexpected((*database)->name() + " has no tables, expected a database of SQL");
  }
  database_ = *database;
  if (const auto good = check(); !good && !unreachable_) return good;
  std::string columns;
  for (const auto name : kColumnNames)
    columns += fmt::format("{}{}", columns.empty() ? "" : ", ", name);
  select_ = storage::make_statement(fmt::format("SELECT {} FROM {} ORDER BY id", columns, table_));
  return {};
}

/// Once, as soon as the database answers.
std::expected<void, std::string> RuleTable::check() {
  if (checked_) return {};
  const auto good =
      storage::check_table(*database_, *storage::find_table("dialplan"), table_, version_table_);
  checked_ = good.has_value();
  unreachable_ = !good && !good.error().is_final;
  if (!good) return std::unexpected(good.error().text);
  return {};
}

std::expected<RuleSet, std::string> RuleTable::load() {
  if (!database_) return RuleBuilder().finish();
  if (const auto good = check(); !good) return std::unexpected(good.error());
  const auto rows = database_->wait({{select_, {}}}, kLimit);
  unreachable_ = !rows && storage::is_temporary(rows.error().kind);
  if (!rows) return std::unexpected(rows.error().text);
  return read(*rows);
}

std::expected<RuleSet, std::string> RuleTable::read(const storage::Rows& rows) const {
  RuleBuilder builder;
  Faults faults;
  unsigned line = 0;
  for (const auto& from : rows.rows) {
    RuleRow row{.line = ++line};
    if (from.size() != kColumnNames.size() || !read_row(from, row, faults)) continue;
    builder.add(row, [&](Column column, const base::TextError& wrong) {
      faults.add(row, column, wrong.message);
    });
  }
  if (faults.none()) return builder.finish();
  return std::unexpected(std::move(faults).text());
}

}  // namespace opensips::dialplan
