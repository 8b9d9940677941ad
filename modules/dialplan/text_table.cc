#include "dialplan/text_table.hh"

#include <algorithm>

#include "dialplan/fold.hh"

namespace opensips::dialplan {
namespace {

using Error = std::unexpected<base::TextError>;

constexpr std::size_t kMaxColumns = 64;

TextTable::Type type_of(std::string_view name) {
  const std::string small = folded(name);
  if (small == "int" || small == "long" || small == "bigint") return TextTable::Type::integer;
  if (small == "string" || small == "str" || small == "blob") return TextTable::Type::text;
  return TextTable::Type::other;
}

}  // namespace

std::expected<std::string, base::TextError> Cell::text() const {
  std::string out;
  out.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\\') {
      out += raw[i];
      continue;
    }
    const char escaped = i + 1 < raw.size() ? raw[i + 1] : '\0';
    switch (escaped) {
      case 'n': out += '\n'; break;
      case 'r': out += '\r'; break;
      case 't': out += '\t'; break;
      case '0': out += '\0'; break;
      case '\\':
      case ':': out += escaped; break;
      default:
        return Error({i, "expected \\\\, \\:, \\n, \\r, \\t or \\0; a backslash is written \\\\"});
    }
    ++i;
  }
  return out;
}

std::size_t Cell::raw_offset(std::size_t text_offset) const {
  std::size_t at = 0;
  for (; text_offset > 0 && at < raw.size(); --text_offset) at += raw[at] == '\\' ? 2 : 1;
  return at;
}

std::expected<std::vector<TextTable::ColumnHead>, base::TextError> TextTable::head() {
  std::vector<ColumnHead> heads;
  const auto line = next();
  const std::string_view text = line ? line->text : std::string_view();
  std::size_t at = 0;
  while ((at = text.find_first_not_of(' ', at)) != std::string_view::npos) {
    if (heads.size() == kMaxColumns) return Error({at, "too many columns"});
    const std::size_t open = text.find('(', at);
    const std::size_t close = text.find(')', at);
    if (open == std::string_view::npos || close == std::string_view::npos || close < open ||
        text.substr(at, open - at).find(' ') != std::string_view::npos) {
      return Error({at, "expected a column and its type, as dpid(int)"});
    }
    const auto type = text.substr(open + 1, close - open - 1);
    const auto flag = type.find(',');
    heads.push_back({text.substr(at, open - at), type_of(type.substr(0, flag)), at + 1});
    at = close + 1;
    if (at < text.size() && text[at] != ' ') return Error({at, "expected a blank"});
  }
  if (heads.empty()) return Error({0, "expected the names of the columns, as id(int,auto)"});
  return heads;
}

std::optional<TextTable::Line> TextTable::next() {
  while (!rest_.empty()) {
    const auto end = rest_.find('\n');
    std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    ++number_;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) return last_ = Line{line, number_};
  }
  return std::nullopt;
}

std::vector<Cell> TextTable::cells(std::string_view line) {
  std::vector<Cell> cells;
  std::size_t begin = 0;
  std::size_t end = 0;
  while (true) {
    // What stands behind a backslash does not divide.
    while (end < line.size() && line[end] != ':') end += line[end] == '\\' ? 2 : 1;
    end = std::min(end, line.size());
    cells.push_back({line.substr(begin, end - begin), begin + 1});
    if (end == line.size()) return cells;
    begin = ++end;
  }
}

}  // namespace opensips::dialplan
