#include "auth/demand.hh"

#include <algorithm>

#include "l1_parser/chars.hh"
#include "l1_parser/digest_hash.hh"

namespace opensips::auth {
namespace {

/// Calls `take` with each name of "a, b" until it returns false.
template <class Take>
bool each_name(std::string_view text, Take take) {
  while (!text.empty()) {
    const auto end = text.find(',');
    if (!take(parser::chars::trim(text.substr(0, end)))) return false;
    text = end == text.npos ? std::string_view() : text.substr(end + 1);
  }
  return true;
}

/// A text as it stands between quotes.
std::string_view escaped(base::Arena& arena, std::string_view text) {
  const auto is_special = [](char c) { return c == '"' || c == '\\'; };
  const auto special = static_cast<std::size_t>(std::ranges::count_if(text, is_special));
  if (special == 0) return text;
  char* const begin = arena.text(text.size() + special);
  char* at = begin;
  for (const char c : text) {
    if (is_special(c)) *at++ = '\\';
    *at++ = c;
  }
  return {begin, at};
}

}  // namespace

unsigned code_of(Role role) {
  return role == Role::www ? 401 : 407;
}

Algorithms read_algorithms(std::string_view text) {
  Algorithms read;
  each_name(text, [&](std::string_view name) {
    const auto algorithm = parser::digest_algorithm_of(name);
    if (!parser::is_available(algorithm)) {
      read.unknown = name.empty() ? "nothing" : name;
      return false;
    }
    read.all.push_back(algorithm);
    return true;
  });
  return read;
}

bool is_qop(std::string_view text) {
  return each_name(text,
                   [](std::string_view name) { return name == "auth" || name == "auth-int"; });
}

std::string_view challenge_lines(base::Arena& arena, const Demand& demand, std::string_view nonce,
                                 bool stale) {
  using namespace std::string_view_literals;
  const auto header = demand.role == Role::www ? "WWW-Authenticate: Digest realm=\""sv
                                               : "Proxy-Authenticate: Digest realm=\""sv;
  const auto qop = demand.qop.empty() ? ""sv : "\", qop=\""sv;
  const auto end = stale ? ", stale=true\r\n"sv : "\r\n"sv;
  const auto realm = escaped(arena, demand.realm);
  std::string_view lines;
  for (const auto algorithm : demand.algorithms) {
    lines = arena.concat({lines, header, realm, "\", nonce=\"", nonce, qop, demand.qop,
                          "\", algorithm=", parser::to_string(algorithm), end});
  }
  return lines;
}

}  // namespace opensips::auth
