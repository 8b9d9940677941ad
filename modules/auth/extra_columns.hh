#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace opensips::auth {

/// A column of the table of users that is read with the password, and what programs call it.
struct ExtraColumn {
  std::string name;
  std::string column;
};

inline constexpr std::size_t kMostExtraColumns = 16;

/// "email_address; $avp(caller)=rpid": a column under its own name, one under another. The error
/// says what was expected.
std::expected<std::vector<ExtraColumn>, std::string> read_extra_columns(std::string_view text);

}  // namespace opensips::auth
