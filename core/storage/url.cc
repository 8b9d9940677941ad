#include "storage/url.hh"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace opensips::storage {
namespace {

constexpr std::string_view kExpected =
    "expected sqlite:///FILE, mysql://USER:PASSWORD@HOST/DATABASE or redis://HOST:PORT/NUMBER";

/// Each server of its kind may stand for the database, and has one without a name.
constexpr std::string_view kManyHosts = "redis";

std::unexpected<std::string> refuse() {
  return std::unexpected(std::string(kExpected));
}

bool is_scheme(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::optional<std::string> decode(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    unsigned byte = 0;
    const char* const begin = text.data() + i + 1;
    if (text.size() - i < 3 || std::from_chars(begin, begin + 2, byte, 16).ptr != begin + 2) {
      return std::nullopt;
    }
    plain += static_cast<char>(byte);
    i += 2;
  }
  return plain;
}

/// "host", "host:port", "[2001:db8::1]:port"
bool take_host(std::string_view text, Url::Server& to) {
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return false;
    to.host = text.substr(1, end - 1);
    port = text.substr(end + 1);
  } else {
    const auto colon = std::min(text.find(':'), text.size());
    to.host = text.substr(0, colon);
    port = text.substr(colon);
  }
  if (port.empty()) return true;
  const char* const end = port.data() + port.size();
  if (port[0] != ':' || port.size() == 1) return false;
  const auto [stopped, error] = std::from_chars(port.data() + 1, end, to.port);
  return error == std::errc() && stopped == end;
}

/// "host:port,host:port"
bool take_hosts(std::string_view text, Url& url) {
  const bool many = url.scheme == kManyHosts;
  for (bool first = true;; first = false) {
    const auto end = many ? std::min(text.find(','), text.size()) : text.size();
    Url::Server server;
    if (!take_host(text.substr(0, end), server) || (many && server.host.empty())) return false;
    if (first) {
      url.host = std::move(server.host);
      url.port = server.port;
    } else {
      url.more.push_back(std::move(server));
    }
    if (end == text.size()) return true;
    text.remove_prefix(end + 1);
  }
}

std::string shown_host(const std::string& host, std::uint16_t port) {
  std::string text = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != 0) text += fmt::format(":{}", port);
  return text;
}

}  // namespace

std::expected<Url, std::string> Url::parse(std::string_view text) {
  Url url;
  const auto scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos || !is_scheme(text.substr(0, scheme_end))) {
    return refuse();
  }
  url.scheme = text.substr(0, scheme_end);
  const auto rest = text.substr(scheme_end + 3);
  const auto slash = std::min(rest.find('/'), rest.size());
  if (slash + 1 >= rest.size() && url.scheme != kManyHosts) return refuse();
  url.path = rest.substr(slash);
  auto authority = rest.substr(0, slash);
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    const auto account = authority.substr(0, at);
    const auto colon = std::min(account.find(':'), account.size());
    const auto user = decode(account.substr(0, colon));
    const auto password = decode(account.substr(std::min(colon + 1, account.size())));
    if (!user || !password) return refuse();
    url.user = *user;
    url.password = *password;
    authority.remove_prefix(at + 1);
  }
  if (!take_hosts(authority, url)) return refuse();
  return url;
}

std::string Url::shown() const {
  std::string text = scheme + "://";
  if (!user.empty()) text += user + "@";
  text += shown_host(host, port);
  for (const auto& one : more) text += "," + shown_host(one.host, one.port);
  return text + path;
}

std::string_view Url::database() const {
  return std::string_view(path).substr(std::min<std::size_t>(1, path.size()));
}

}  // namespace opensips::storage
