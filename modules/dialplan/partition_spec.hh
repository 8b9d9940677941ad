#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace opensips::dialplan {

/// What the parameter `partition` says, as OpenSIPS writes it:
///
///   pstn: table_name = dialplan_pstn; db_url = text:///etc/opensips/dbtext
///   pstn: table_name = dialplan_pstn; db_url = mysql://user:password@host/opensips
///   default: pstn
struct PartitionSpec {
  std::string name;
  std::string table;      ///< empty: the module's table_name
  std::string directory;  ///< empty: `database`, or if that is empty too the module's
  std::string database;   ///< its URL
  std::string same_as;    ///< the default partition is that one

  /// Says what was expected when the text is none.
  static std::expected<PartitionSpec, std::string> parse(std::string_view text);
};

/// The directory of tables that a URL of OpenSIPS's db_text names; nothing for any other URL.
std::optional<std::string> directory_of(std::string_view url);

}  // namespace opensips::dialplan
