#include "config/check.hh"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <tuple>

#include <fmt/format.h>

#include "config/endpoint.hh"
#include "config/value.hh"

namespace opensips::config {
namespace {

void check_sockets(const Settings& settings, Diagnostics& diagnostics) {
  // An error elsewhere may be why there is none.
  if (settings.sockets.empty() && !diagnostics.failed()) {
    diagnostics.error({0, 1, 1}, "no socket to listen on, expected socket=udp:ADDRESS:PORT");
  }
  std::map<std::tuple<std::string_view, std::string_view, std::uint16_t>, Position> seen;
  for (const auto& socket : settings.sockets) {
    if (socket.port == 0) continue;
    const auto& place = socket.interface.empty() ? socket.address : socket.interface;
    const auto [first, fresh] = seen.try_emplace({socket.transport, place, socket.port}, socket.at);
    if (fresh) continue;
    diagnostics.error(
        socket.at, fmt::format("socket is the same as in line {} of {}, expected another one",
                               first->second.line, shown(diagnostics.files()[first->second.file])));
  }
}

void check_tls(const Settings& settings, Diagnostics& diagnostics) {
  if (diagnostics.failed()) return;
  const auto& domains = settings.tls_domains;
  if (std::ranges::any_of(domains, &TlsDomain::server) || has_tls_table(settings)) return;
  for (const auto& socket : settings.sockets) {
    if (socket.transport != "tls" && socket.transport != "wss") continue;
    diagnostics.error(socket.at,
                      "socket has no certificate, expected modparam(\"tls_mgm\", "
                      "\"certificate\", \"FILE\")");
  }
}

void check_tls_table(const Settings& settings, Diagnostics& diagnostics) {
  const auto& own = settings.tls_table.db_url;
  if (!has_tls_table(settings) || !own.empty() || !settings.db.default_url.empty()) return;
  diagnostics.error(settings.positions.contains("tls_mgm:db_url")
                        ? settings.positions.at("tls_mgm:db_url")
                        : settings.positions.at("tls_mgm:db_table"),
                    "tls_mgm has a table without a database, expected a db_url too");
}

void check_dialogs(const Settings& settings, Diagnostics& diagnostics) {
  const auto& dialog = settings.dialog;
  if (dialog.db_mode == 0 || !dialog.db_url.empty() || !settings.db.default_url.empty()) return;
  const auto set = settings.positions.find("dialog:db_mode");
  diagnostics.error(
      set == settings.positions.end() ? Position{} : set->second,
      fmt::format("db_mode is {} without a database, expected a db_url too", dialog.db_mode));
}

void check_domains(const Settings& settings, Diagnostics& diagnostics) {
  const auto& domain = settings.domain;
  if (!settings.names_module("domain") || !domain.db_url.empty()) return;
  if (!settings.db.default_url.empty()) return;
  diagnostics.error({0, 1, 1},
                    "domain has no database, expected modparam(\"domain\", \"db_url\", \"URL\") "
                    "or db_default_url=\"URL\"");
}

struct Timer {
  std::string_view key;
  std::string_view name;
  std::chrono::milliseconds value;
};

// Said where the one that was set later stands.
void check_order(const Settings& settings, const Timer& low, const Timer& high,
                 Diagnostics& diagnostics) {
  if (low.value <= high.value) return;
  Position at;
  for (const auto key : {low.key, high.key}) {
    const auto found = settings.positions.find(key);
    if (found != settings.positions.end()) at = std::max(at, found->second);
  }
  diagnostics.error(
      at, fmt::format("{} is {} and {} is {}, expected the first not to be above the second",
                      low.name, duration_text(low.value), high.name, duration_text(high.value)));
}

void check_timers(const Settings& settings, Diagnostics& diagnostics) {
  const Timer t1{"tm:T1_timer", "T1_timer", settings.tm.t1};
  const Timer t2{"tm:T2_timer", "T2_timer", settings.tm.t2};
  check_order(settings, t1, t2, diagnostics);
  const auto& registrar = settings.registrar;
  const Timer least{"registrar:min_expires", "min_expires", registrar.min_expires};
  const Timer usual{"registrar:default_expires", "default_expires", registrar.default_expires};
  const Timer most{"registrar:max_expires", "max_expires", registrar.max_expires};
  check_order(settings, least, usual, diagnostics);
  if (most.value.count() != 0) check_order(settings, usual, most, diagnostics);
  const Timer shortest{"dns_cache_min_ttl", "dns_cache_min_ttl", settings.dns.cache_min_ttl};
  const Timer longest{"dns_cache_max_ttl", "dns_cache_max_ttl", settings.dns.cache_max_ttl};
  check_order(settings, shortest, longest, diagnostics);
}

void check_name_servers(const Settings& settings, Diagnostics& diagnostics) {
  const auto& servers = settings.dns.servers;
  if (parse_name_servers(servers)) return;
  diagnostics.error(
      settings.positions.at("dns_servers"),
      fmt::format("dns_servers is {}, expected ADDRESS:PORT, ADDRESS:PORT, …", in_quotes(servers)));
}

void check_websocket(const Settings& settings, Diagnostics& diagnostics) {
  std::istringstream origins(settings.ws.allowed_origins);
  for (std::string origin; origins >> origin;) {
    const auto host = origin.find("://");
    const bool good = host != std::string::npos && host != 0 && host + 3 < origin.size() &&
                      origin.find('/', host + 3) == std::string::npos;
    if (good || origin == "null") continue;
    diagnostics.error(settings.positions.at("proto_ws:ws_allowed_origins"),
                      fmt::format("{} is no origin, expected SCHEME://HOST or SCHEME://HOST:PORT",
                                  in_quotes(origin)));
  }
  const auto& resource = settings.ws.resource;
  if (!resource.empty() && !resource.starts_with('/')) {
    diagnostics.error(
        settings.positions.at("proto_ws:ws_resource"),
        fmt::format("ws_resource is {}, expected a path that begins with /", in_quotes(resource)));
  }
}

void check_management(const Settings& settings, Diagnostics& diagnostics) {
  const auto& name = settings.mi_datagram.socket_name;
  if (name.empty() && settings.names_module("mi_datagram")) {
    diagnostics.error({0, 1, 1},
                      "mi_datagram has no socket, expected modparam(\"mi_datagram\", "
                      "\"socket_name\", \"PATH\")");
  }
  if (std::filesystem::path(name).filename().string().starts_with("udp:")) {
    diagnostics.error(settings.positions.at("mi_datagram:socket_name"),
                      "socket_name is a UDP address, expected a path: commands are taken from this "
                      "machine only");
  }
}

}  // namespace

void check(const Settings& settings, Diagnostics& diagnostics) {
  check_timers(settings, diagnostics);
  check_sockets(settings, diagnostics);
  check_websocket(settings, diagnostics);
  check_tls(settings, diagnostics);
  check_tls_table(settings, diagnostics);
  check_name_servers(settings, diagnostics);
  check_dialogs(settings, diagnostics);
  check_domains(settings, diagnostics);
  check_management(settings, diagnostics);
}

}  // namespace opensips::config
