#include "auth/user_table.hh"

#include <string>

#include <fmt/format.h>

#include "l1_parser/chars.hh"

namespace opensips::auth {
namespace {

/// A name as the user of a URI: what cannot stand there is escaped (RFC 3261 25.1).
std::string escaped_user(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool stands = (parser::chars::is_alpha(c) || parser::chars::is_digit(c)) ||
                        std::string_view("-_.!~*'()&=+$,;?/").find(c) != std::string_view::npos;
    if (stands) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

}  // namespace

routing::Value extra_table(const std::vector<ExtraColumn>& columns, const Secret& secret) {
  routing::Value::Map table;
  for (std::size_t i = 0; i < columns.size() && i < secret.extra.size(); ++i) {
    if (!secret.extra[i].empty()) table.push_back({columns[i].name, secret.extra[i]});
  }
  return table;
}

routing::Value::Map user_table(const Presented& presented, const Demand& demand) {
  const std::string_view algorithm = parser::to_string(presented.credentials.algorithm);
  return {
      {"username", std::string(presented.username)},
      {"realm", demand.realm},
      {"aor", fmt::format("sip:{}@{}", escaped_user(presented.username), demand.realm)},
      {"algorithm", algorithm},
      {"uri", std::string(presented.credentials.uri)},
  };
}

}  // namespace opensips::auth
