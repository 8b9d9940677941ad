#include "auth/user_table.hh"

#include <string>

#include <fmt/format.h>

#include "l1_parser/chars.hh"

namespace opensips::auth {
namespace {

/// A name as the user of a URI: what cannot stand there is escaped (RFC 3261 25.1).
void put_escaped_user(std::string& out, std::string_view name) {
  for (const char c : name) {
    const bool stands = (parser::chars::is_alpha(c) || parser::chars::is_digit(c)) ||
                        std::string_view("-_.!~*'()&=+$,;?/").find(c) != std::string_view::npos;
    if (stands) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
}

std::string aor_of(std::string_view username, std::string_view realm) {
  std::string aor;
  aor.reserve(username.size() + realm.size() + 8);
  aor = "sip:";
  put_escaped_user(aor, username);
  return aor.append("@").append(realm);
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
  routing::Value::Map table;
  table.reserve(6);  // there may be a table of extra columns
  table.push_back({"username", presented.username});
  table.push_back({"realm", demand.realm});
  table.push_back({"aor", aor_of(presented.username, demand.realm)});
  table.push_back({"algorithm", parser::to_string(presented.credentials.algorithm)});
  table.push_back({"uri", presented.credentials.uri});
  return table;
}

}  // namespace opensips::auth
