#include "dialplan/partition_spec.hh"

#include <algorithm>

#include <fmt/format.h>

#include "config/diagnostics.hh"
#include "storage/url.hh"

namespace opensips::dialplan {
namespace {

using Error = std::unexpected<std::string>;

constexpr std::string_view kExpected =
    "expected NAME: table_name=TABLE; db_url=URL, or default: NAME";

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::none_of(text, [](char c) {
    return is_blank(c) || c == '=' || c == ';' || c == ':';
  });
}

/// Names a file in a directory, and none elsewhere.
bool is_table(std::string_view text) {
  return !text.empty() && text.find('/') == std::string_view::npos && text != "." && text != "..";
}

/// "key = value"; says what is wrong with it.
std::optional<std::string> read_property(std::string_view text, PartitionSpec& spec) {
  const auto equals = text.find('=');
  const auto key = trimmed(text.substr(0, equals));
  const auto value =
      equals == std::string_view::npos ? std::string_view() : trimmed(text.substr(equals + 1));
  if (key == "table_name") {
    if (!is_table(value)) return "expected table_name to be the name of a table or file";
    spec.table = value;
  } else if (key == "db_url") {
    if (const auto directory = directory_of(value)) {
      spec.directory = *directory;
    } else if (storage::Url::parse(value)) {
      spec.database = value;
    } else {
      return "expected db_url to be text://DIRECTORY or the URL of a database";
    }
  } else {
    return fmt::format("there is no property {}, {}", config::in_quotes(key), kExpected);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> directory_of(std::string_view url) {
  constexpr std::string_view kScheme = "text://";
  if (!url.starts_with(kScheme) || url.size() == kScheme.size()) return std::nullopt;
  return std::string(url.substr(kScheme.size()));
}

std::expected<PartitionSpec, std::string> PartitionSpec::parse(std::string_view text) {
  const auto colon = text.find(':');
  PartitionSpec spec{.name = std::string(trimmed(text.substr(0, colon)))};
  if (!is_name(spec.name) || colon == std::string_view::npos) return Error(kExpected);
  const auto rest = trimmed(text.substr(colon + 1));
  if (is_name(rest)) {
    if (spec.name != "default") return Error(kExpected);
    spec.same_as = rest;
    return spec;
  }
  std::size_t begin = 0;
  while (begin < rest.size()) {
    const auto end = std::min(rest.find(';', begin), rest.size());
    const auto property = trimmed(rest.substr(begin, end - begin));
    begin = end + 1;
    if (property.empty()) continue;
    if (auto wrong = read_property(property, spec)) return Error(std::move(*wrong));
  }
  return spec;
}

}  // namespace opensips::dialplan
