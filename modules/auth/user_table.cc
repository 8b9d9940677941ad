#include "auth/user_table.hh"

#include <algorithm>

#include "l1_parser/chars.hh"

namespace opensips::auth {
namespace {

/// A name as the user of a URI: what cannot stand there is escaped (RFC 3261 25.1). Behind it.
char* put_escaped_user(char* to, std::string_view name) {
  for (const char c : name) {
    const bool stands = (parser::chars::is_alpha(c) || parser::chars::is_digit(c)) ||
                        std::string_view("-_.!~*'()&=+$,;?/").find(c) != std::string_view::npos;
    if (stands) {
      *to++ = c;
    } else {
      *to++ = '%';
      *to++ = "0123456789ABCDEF"[static_cast<unsigned char>(c) >> 4];
      *to++ = "0123456789ABCDEF"[static_cast<unsigned char>(c) & 15];
    }
  }
  return to;
}

std::string_view aor_of(base::Arena& arena, std::string_view username, std::string_view realm) {
  constexpr std::string_view kScheme = "sip:";
  char* const begin = arena.text(kScheme.size() + 3 * username.size() + 1 + realm.size());
  char* at = put_escaped_user(std::ranges::copy(kScheme, begin).out, username);
  *at++ = '@';
  at = std::ranges::copy(realm, at).out;
  arena.trim(at);
  return {begin, at};
}

}  // namespace

routing::Value extra_table(const std::vector<ExtraColumn>& columns, const Secret& secret) {
  routing::Value::Map table;
  for (std::size_t i = 0; i < columns.size() && i < secret.extra.size(); ++i) {
    if (!secret.extra[i].empty()) table.push_back({columns[i].name, secret.extra[i]});
  }
  return table;
}

routing::Value::Map user_table(base::Arena& arena, const Presented& presented,
                               const Demand& demand) {
  routing::Value::Map table;
  table.reserve(6);  // there may be a table of extra columns
  table.push_back({"username", presented.username});
  table.push_back({"realm", demand.realm});
  table.push_back({"aor", aor_of(arena, presented.username, demand.realm)});
  table.push_back({"algorithm", parser::to_string(presented.credentials.algorithm)});
  table.push_back({"uri", presented.credentials.uri});
  return table;
}

}  // namespace opensips::auth
