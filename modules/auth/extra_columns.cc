#include "auth/extra_columns.hh"

#include <algorithm>

#include <fmt/format.h>

#include "l1_parser/chars.hh"
#include "storage/schema.hh"

namespace opensips::auth {
namespace {

constexpr std::string_view kVariable = "$avp(";

/// "$avp(caller)" is "caller", as is "caller".
std::string_view without_variable(std::string_view name) {
  if (!name.starts_with(kVariable) || !name.ends_with(')')) return name;
  return name.substr(kVariable.size(), name.size() - kVariable.size() - 1);
}

}  // namespace

std::expected<std::vector<ExtraColumn>, std::string> read_extra_columns(std::string_view text) {
  std::vector<ExtraColumn> all;
  while (!text.empty()) {
    const auto end = text.find(';');
    const auto one = parser::chars::trim(text.substr(0, end));
    text = end == text.npos ? std::string_view() : text.substr(end + 1);
    const auto equals = one.find('=');
    const auto column = equals == one.npos ? one : parser::chars::trim(one.substr(equals + 1));
    const auto name =
        equals == one.npos ? one : without_variable(parser::chars::trim(one.substr(0, equals)));
    if (!storage::is_table_name(column) || !storage::is_table_name(name)) {
      return std::unexpected(
          fmt::format("expected columns like \"rpid; $avp(mail)=email_address\", got {:.64}", one));
    }
    if (std::ranges::find(all, name, &ExtraColumn::name) != all.end()) {
      return std::unexpected(fmt::format("{} is there twice", name));
    }
    all.push_back({std::string(name), std::string(column)});
  }
  if (all.size() > kMostExtraColumns) {
    return std::unexpected(fmt::format("expected up to {} columns", kMostExtraColumns));
  }
  return all;
}

}  // namespace opensips::auth
