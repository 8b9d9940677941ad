#include "ctl/show.hh"

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace opensips::ctl {

namespace {

using Json = nlohmann::ordered_json;
using Row = std::vector<std::string>;

constexpr std::size_t kGap = 2;

bool is_plain(const Json& json) {
  return !json.is_structured() || json.empty();
}

bool is_plain_object(const Json& json) {
  return json.is_object() && std::all_of(json.begin(), json.end(), is_plain);
}

/// C0, DEL, and C1 as UTF-8 has it.
std::string harmless(std::string_view text) {
  std::string shown;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0U;
    if (c < 0x20 || c == 0x7f) {
      shown += fmt::format("\\x{:02x}", c);
    } else if (c == 0xc2 && next >= 0x80 && next < 0xa0) {
      shown += fmt::format("\\x{:02x}", next);
      ++i;
    } else {
      shown += text[i];
    }
  }
  return shown;
}

std::string plain_text(const Json& json) {
  if (json.is_null() || json.is_structured()) return "";
  if (json.is_string()) return harmless(json.get_ref<const std::string&>());
  if (json.is_boolean()) return json.get<bool>() ? "yes" : "no";
  return json.dump();
}

std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

/// Columns as wide as what is in them; no blanks at the end of a line.
std::string aligned(const std::vector<Row>& rows, const std::string& indent) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line = indent;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      line.append(widths[i] - width(row[i]) + kGap, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string show_table(const Json& objects, const std::string& indent) {
  std::vector<Row> rows(1);
  std::map<std::string, std::size_t> columns;
  for (const auto& object : objects) {
    for (const auto& [name, value] : object.items()) {
      if (columns.try_emplace(name, rows[0].size()).second) rows[0].push_back(harmless(name));
    }
  }
  for (const auto& object : objects) {
    auto& row = rows.emplace_back(rows[0].size());
    for (const auto& [name, value] : object.items()) row[columns[name]] = plain_text(value);
  }
  return aligned(rows, indent);
}

std::string show_value(const Json& json, const std::string& indent);

std::string show_array(const Json& array, const std::string& indent) {
  if (std::all_of(array.begin(), array.end(), is_plain_object)) return show_table(array, indent);
  std::string text;
  for (const auto& one : array) {
    if (!text.empty() && !is_plain(one)) text += "\n";
    text += show_value(one, indent);
  }
  return text;
}

/// First what is plain, then what is not, each under its name; a name says little of an only one.
std::string show_object(const Json& object, const std::string& indent) {
  std::vector<Row> rows;
  for (const auto& [name, value] : object.items()) {
    if (is_plain(value)) rows.push_back({harmless(name), plain_text(value)});
  }
  if (rows.empty() && object.size() == 1) return show_value(object.front(), indent);
  std::string text = aligned(rows, indent);
  for (const auto& [name, value] : object.items()) {
    if (is_plain(value)) continue;
    text += indent + harmless(name) + ":\n" + show_value(value, indent + "  ");
  }
  return text;
}

std::string show_value(const Json& json, const std::string& indent) {
  if (is_plain(json)) {
    const auto text = plain_text(json);
    return text.empty() ? text : indent + text + "\n";
  }
  return json.is_array() ? show_array(json, indent) : show_object(json, indent);
}

}  // namespace

std::string show(const Json& result) {
  return show_value(result, "");
}

}  // namespace opensips::ctl
