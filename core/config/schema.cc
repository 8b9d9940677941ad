#include "config/schema.hh"

#include <algorithm>
#include <array>

#include "config/rows/groups.hh"

namespace opensips::config {

namespace {

constexpr std::array<std::string_view, 23> kBuiltIn{
    "dialog",     "domain",    "maxfwd",      "mi_datagram", "mi_fifo",  "nathelper",
    "proto_sctp", "proto_tcp", "proto_tls",   "proto_udp",   "proto_ws", "proto_wss",
    "registrar",  "rr",        "signaling",   "sipmsgops",   "sl",       "sst",
    "textops",    "tls_mgm",   "tls_openssl", "tm",          "usrloc"};

std::vector<Parameter> all_rows() {
  std::vector<Parameter> all;
  for (const auto group :
       {rows::of_server, rows::of_limits, rows::of_transports, rows::of_tls, rows::of_websockets,
        rows::of_dns, rows::of_databases, rows::of_transactions, rows::of_dialogs, rows::of_nat,
        rows::of_location, rows::of_management}) {
    const auto rows = group();
    all.insert(all.end(), rows.begin(), rows.end());
  }
  return all;
}

}  // namespace

std::span<const Parameter> parameters() {
  static const std::vector<Parameter> all = all_rows();
  return all;
}

const Parameter* find_parameter(std::string_view module, std::string_view name) {
  for (const auto& parameter : parameters()) {
    if (parameter.module == module && parameter.name == name) return &parameter;
  }
  return nullptr;
}

std::vector<std::string_view> parameter_names(std::string_view module) {
  std::vector<std::string_view> names;
  for (const auto& parameter : parameters()) {
    if (parameter.module == module) names.push_back(parameter.name);
  }
  return names;
}

bool is_built_in(std::string_view module) {
  return std::find(kBuiltIn.begin(), kBuiltIn.end(), module) != kBuiltIn.end();
}

std::span<const std::string_view> built_in_modules() {
  return kBuiltIn;
}

std::string_view renamed(std::string_view name) {
  struct Renamed {
    std::string_view before;
    std::string_view now;
  };
  static constexpr std::array<Renamed, 6> kRenamed{{{"listen", "socket"},
                                                    {"port", "socket"},
                                                    {"children", "workers"},
                                                    {"debug", "log_level"},
                                                    {"log_stderror", "stderror_enabled"},
                                                    {"log_facility", "syslog_facility"}}};
  for (const auto& entry : kRenamed) {
    if (entry.before == name) return entry.now;
  }
  return {};
}

}  // namespace opensips::config
