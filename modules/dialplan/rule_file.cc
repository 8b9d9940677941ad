#include "dialplan/rule_file.hh"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/read_file.hh"
#include "dialplan/rule_builder.hh"
#include "dialplan/text_table.hh"

namespace opensips::dialplan {
namespace {

std::optional<int> number_in(std::string_view text) {
  int value = 0;
  const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || at != text.data() + text.size()) return std::nullopt;
  return value;
}

class RuleFile {
 public:
  RuleFile(const std::string& file, std::string_view text) : table_(text) {
    diagnostics_.add_file(file);
  }

  std::expected<RuleSet, config::Errors> parse() {
    if (read_head()) {
      while (const auto line = table_.next()) read_row(*line);
    }
    if (diagnostics_.failed()) return std::unexpected(diagnostics_.errors());
    return builder_.finish();
  }

 private:
  static constexpr std::size_t kColumns = kColumnNames.size();

  /// `offset`: in bytes of the line; operators count characters of UTF-8.
  void error(const TextTable::Line& line, std::size_t offset, std::string message) {
    const auto before = line.text.substr(0, offset);
    const auto characters = std::ranges::count_if(
        before, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
    diagnostics_.error({0, line.number, static_cast<unsigned>(characters) + 1}, std::move(message));
  }

  bool read_head() {
    const auto heads = table_.head();
    const TextTable::Line& line = table_.last();
    if (!heads) {
      error(line, heads.error().offset, heads.error().message);
      return false;
    }
    std::array<bool, kColumns> seen{};
    for (const TextTable::ColumnHead& head : *heads) add_column(line, head, seen);
    for (std::size_t i = 0; i < kColumns; ++i) {
      if (seen[i]) continue;
      error(line, line.text.size(), fmt::format("column {} is missing", kColumnNames[i]));
    }
    return !diagnostics_.failed();
  }

  void add_column(const TextTable::Line& line, const TextTable::ColumnHead& head,
                  std::array<bool, kColumns>& seen) {
    const std::size_t offset = head.column - 1;
    const auto name = std::ranges::find(kColumnNames, head.name);
    if (name == kColumnNames.end()) {
      const auto meant = config::closest(head.name, {kColumnNames.begin(), kColumnNames.end()});
      return error(
          line, offset,
          fmt::format("the table dialplan has no column {}{}", config::in_quotes(head.name),
                      meant.empty() ? "" : fmt::format(", did you mean {}?", meant)));
    }
    const auto column = static_cast<Column>(name - kColumnNames.begin());
    if (std::exchange(seen[static_cast<unsigned>(column)], true)) {
      return error(line, offset, fmt::format("column {} stands here twice", head.name));
    }
    const bool integer = is_integer(column);
    if (head.type != (integer ? TextTable::Type::integer : TextTable::Type::text)) {
      return error(line, offset,
                   fmt::format("column {} has to be {}", head.name, integer ? "int" : "string"));
    }
    columns_.push_back(column);
  }

  void read_row(const TextTable::Line& line) {
    const std::vector<Cell> cells = TextTable::cells(line.text);
    if (cells.size() != columns_.size()) {
      const std::size_t offset =
          cells.size() > columns_.size() ? cells[columns_.size()].column - 1 : line.text.size();
      return error(line, offset,
                   fmt::format("{} values, expected {}", cells.size(), columns_.size()));
    }
    RuleRow row{.line = line.number};
    std::array<const Cell*, kColumns> places{};
    bool good = true;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      places[static_cast<unsigned>(columns_[i])] = &cells[i];
      good = read_cell(line, cells[i], columns_[i], row) && good;
    }
    if (!good) return;
    builder_.add(row, [&](Column column, const base::TextError& wrong) {
      const Cell& cell = *places[static_cast<unsigned>(column)];
      error(line, cell.column - 1 + cell.raw_offset(wrong.offset), wrong.message);
    });
  }

  bool read_cell(const TextTable::Line& line, const Cell& cell, Column column, RuleRow& row) {
    const auto index = static_cast<unsigned>(column);
    if (!is_integer(column)) {
      auto text = cell.text();
      if (!text) {
        error(line, cell.column - 1 + text.error().offset, std::move(text.error().message));
        return false;
      }
      row.texts[index] = std::move(*text);
      return true;
    }
    if (cell.raw.empty()) return true;
    row.integers[index] = number_in(cell.raw);
    if (row.integers[index]) return true;
    error(line, cell.column - 1,
          fmt::format("{} is {}, expected an integer of 32 bits", kColumnNames[index],
                      config::in_quotes(cell.raw)));
    return false;
  }

  TextTable table_;
  config::Diagnostics diagnostics_;
  RuleBuilder builder_;
  std::vector<Column> columns_;
};

}  // namespace

std::expected<RuleSet, config::Errors> parse_rules(const std::string& file, std::string_view text) {
  return RuleFile(file, text).parse();
}

std::expected<RuleSet, config::Errors> load_rules(const std::string& file) {
  const auto text = base::read_file(file, kMaxFile);
  if (text) return parse_rules(file, *text);
  config::Diagnostics diagnostics;
  diagnostics.error({diagnostics.add_file(file), 0, 0}, text.error().reason);
  return std::unexpected(diagnostics.errors());
}

}  // namespace opensips::dialplan
