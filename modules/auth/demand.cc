#include "auth/demand.hh"

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

void put_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
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

std::string challenge_lines(const Demand& demand, std::string_view nonce, bool stale) {
  const std::string_view header =
      demand.role == Role::www ? "WWW-Authenticate" : "Proxy-Authenticate";
  constexpr std::size_t kRest = 120;  // what else is in a line
  std::string lines;
  lines.reserve(demand.algorithms.size() * (demand.realm.size() + nonce.size() + kRest));
  for (const auto algorithm : demand.algorithms) {
    lines.append(header).append(": Digest realm=");
    put_quoted(lines, demand.realm);
    lines.append(", nonce=\"").append(nonce).append("\"");
    if (!demand.qop.empty()) lines.append(", qop=\"").append(demand.qop).append("\"");
    lines.append(", algorithm=").append(parser::to_string(algorithm));
    if (stale) lines += ", stale=true";
    lines += "\r\n";
  }
  return lines;
}

}  // namespace opensips::auth
