#include "config/tls.hh"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>

#include <fmt/format.h>

#include "config/settings.hh"

namespace opensips::config {
namespace {

constexpr std::string_view kBlanks = " \t";

/// What was expected instead; nothing if the value is good.
using Wrong = std::optional<std::string>;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::string_view trimmed(std::string_view text) {
  const auto first = std::min(text.find_first_not_of(kBlanks), text.size());
  return text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

std::vector<std::string_view> split(std::string_view list) {
  std::vector<std::string_view> all;
  while (!list.empty()) {
    const auto comma = std::min(list.find_first_of(",;"), list.size());
    if (const auto one = trimmed(list.substr(0, comma)); !one.empty()) all.push_back(one);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return all;
}

Wrong set_addresses(TlsDomain& domain, std::string_view text) {
  domain.addresses.clear();
  for (const auto one : split(text)) {
    if (one == "*") {
      domain.addresses.clear();
      return std::nullopt;
    }
    const auto address = base::Address::parse_host_port(one, 0);
    if (!address) return "expected addresses as 192.0.2.1:5061, or *";
    domain.addresses.push_back(*address);
  }
  return std::nullopt;
}

Wrong set_sip_domains(TlsDomain& domain, std::string_view text) {
  domain.sip_domains.clear();
  for (const auto one : split(text)) domain.sip_domains.push_back(lower(one));
  if (domain.sip_domains.empty()) return "expected names as example.com, *.example.com, * or none";
  return std::nullopt;
}

std::optional<int> version_of(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, int>, 4> kVersions{
      {{"tlsv1", kTls10}, {"tlsv1_1", kTls11}, {"tlsv1_2", kTls12}, {"tlsv1_3", kTls13}}};
  for (const auto& [spelling, version] : kVersions) {
    if (spelling == name) return version;
  }
  return std::nullopt;
}

/// "TLSv1_2" is that one alone, "TLSv1_2-" that and what is newer, "TLSv1_2-TLSv1_3" a range, "-"
/// everything; the two names for everything stand for what is considered safe.
Wrong set_method(TlsDomain& domain, std::string_view text) {
  const auto name = lower(text);
  domain.lowest = kTls12;
  domain.highest = 0;
  if (name == "tlsany" || name == "sslv23") return std::nullopt;
  const auto dash = name.find('-');
  const auto low = std::string_view(name).substr(0, dash);
  const auto high = dash == std::string::npos ? low : std::string_view(name).substr(dash + 1);
  const auto lowest = low.empty() && !name.empty() ? std::optional(kTls10) : version_of(low);
  const auto highest = high.empty() ? std::optional(0) : version_of(high);
  if (!lowest || !highest || (*highest != 0 && *highest < *lowest)) {
    return "expected TLSv1, TLSv1_1, TLSv1_2 or TLSv1_3, or a range as TLSv1_2- or "
           "TLSv1_2-TLSv1_3";
  }
  domain.lowest = *lowest;
  domain.highest = *highest;
  return std::nullopt;
}

Wrong set_flag(bool& to, std::string_view text) {
  const auto word = lower(text);
  const bool yes = word == "1" || word == "yes" || word == "on" || word == "true";
  const bool no = word == "0" || word == "no" || word == "off" || word == "false";
  if (!yes && !no) return "expected 1 or 0";
  to = yes;
  return std::nullopt;
}

Wrong set_text(std::string& to, std::string_view text) {
  if (text.empty()) return "expected a value";
  to = text;
  return std::nullopt;
}

template <auto kMember>
Wrong text(TlsDomain& domain, std::string_view given) {
  return set_text(domain.*kMember, given);
}

template <auto kMember>
Wrong flag(TlsDomain& domain, std::string_view given) {
  return set_flag(domain.*kMember, given);
}

using D = TlsDomain;
struct Row {
  std::string_view name;
  Wrong (*set)(TlsDomain& domain, std::string_view text);
};
constexpr std::array kRows{
    Row{"match_ip_address", set_addresses},
    Row{"match_sip_domain", set_sip_domains},
    Row{"tls_method", set_method},
    Row{"certificate", text<&D::certificate>},
    Row{"private_key", text<&D::private_key>},
    Row{"ca_list", text<&D::ca_list>},
    Row{"ca_dir", text<&D::ca_dir>},
    Row{"crl_dir", text<&D::crl_dir>},
    Row{"dh_params", text<&D::dh_params>},
    Row{"ciphers_list", text<&D::ciphers_list>},
    Row{"ec_curve", text<&D::ec_curve>},
    Row{"crl_check_all", flag<&D::crl_check_all>},
    Row{"verify_cert", flag<&D::verify_cert>},
    Row{"require_cert", flag<&D::require_cert>},
    Row{"verify_hostname", flag<&D::verify_hostname>},
};

using T = TlsTable;
constexpr std::array kColumns{
    TlsColumn{"match_ip_address", &T::match_ip_address},
    TlsColumn{"match_sip_domain", &T::match_sip_domain},
    TlsColumn{"tls_method", &T::method},
    TlsColumn{"verify_cert", &T::verify_cert},
    TlsColumn{"require_cert", &T::require_cert},
    TlsColumn{"certificate", &T::certificate},
    TlsColumn{"private_key", &T::private_key},
    TlsColumn{"crl_check_all", &T::crl_check_all},
    TlsColumn{"crl_dir", &T::crl_dir},
    TlsColumn{"ca_list", &T::ca_list},
    TlsColumn{"ca_dir", &T::ca_dir},
    TlsColumn{"ciphers_list", &T::ciphers_list},
    TlsColumn{"dh_params", &T::dh_params},
    TlsColumn{"ec_curve", &T::ec_curve},
};

bool names_a_domain(const TlsValue& value) {
  return value.parameter == "server_domain" || value.parameter == "client_domain";
}

bool has_tls_socket(const Settings& settings) {
  return std::ranges::any_of(settings.sockets, [](const Socket& socket) {
    return socket.transport == "tls" || socket.transport == "wss";
  });
}

class Domains {
 public:
  Domains(std::vector<TlsDomain>& all, Diagnostics& diagnostics)
      : all_(all), diagnostics_(diagnostics) {}

  void add(std::string_view name, bool server, Position at) {
    const bool known =
        std::ranges::any_of(all_, [&](const D& d) { return d.name == name && d.server == server; });
    if (known) {
      return diagnostics_.error(at, fmt::format("TLS domain {} is there already, expected another "
                                                "name",
                                                in_quotes(name)));
    }
    TlsDomain made;
    made.name = name;
    made.server = server;
    made.at = at;
    all_.push_back(std::move(made));
  }

  /// Somebody may have to be called that no other domain is for: as the system trusts.
  void add_default_client() {
    const bool known = std::ranges::any_of(
        all_, [](const D& d) { return d.name == kDefaultTlsDomain && !d.server; });
    if (known) return;
    add(kDefaultTlsDomain, false, {});
    all_.back().implied = true;
  }

  void set(const TlsValue& value) {
    bool found = false;
    const auto name = value.domain.empty() ? kDefaultTlsDomain : std::string_view(value.domain);
    for (auto& domain : all_) {
      if (domain.name != name) continue;
      found = true;
      if (!set(domain, value)) return;
    }
    if (found) return;
    diagnostics_.error(value.at,
                       fmt::format("there is no TLS domain {}, expected one of server_domain or "
                                   "client_domain",
                                   in_quotes(name)));
  }

 private:
  bool set(TlsDomain& domain, const TlsValue& value) {
    domain.positions.insert_or_assign(value.parameter, value.at);
    const auto wrong = set_tls_value(domain, value.parameter, value.text);
    if (!wrong) return true;
    diagnostics_.error(value.at,
                       fmt::format("{} is {}, {}", value.parameter, in_quotes(value.text), *wrong));
    return false;
  }

  std::vector<TlsDomain>& all_;
  Diagnostics& diagnostics_;
};

}  // namespace

std::string_view default_tls_text(std::string_view parameter) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kDefaults{
      {{"match_ip_address", "*"},
       {"match_sip_domain", "*"},
       {"tls_method", "TLSv1_2-"},
       {"verify_cert", "1"},
       {"require_cert", "1"},
       {"verify_hostname", "1"},
       {"crl_check_all", "0"},
       {"ca_list", "the system's"},
       {"ca_dir", "the system's"},
       {"ciphers_list", "OpenSSL's"},
       {"ec_curve", "OpenSSL's"}}};
  for (const auto& [name, text] : kDefaults) {
    if (name == parameter) return text;
  }
  return "none";
}

std::span<const TlsColumn> tls_columns() {
  return kColumns;
}

bool has_tls_table(const Settings& settings) {
  return settings.positions.contains("tls_mgm:db_url") ||
         settings.positions.contains("tls_mgm:db_table");
}

std::optional<std::string> set_tls_value(TlsDomain& domain, std::string_view parameter,
                                         std::string_view text) {
  return std::ranges::find(kRows, parameter, &Row::name)->set(domain, text);
}

TlsValue parse_tls_value(std::string_view parameter, std::string_view text, Position at) {
  TlsValue value{std::string(parameter), {}, std::string(text), at};
  const auto close = text.find(']');
  if (!text.starts_with('[') || close == std::string_view::npos) return value;
  value.domain = text.substr(1, close - 1);
  value.text = text.substr(close + 1);
  return value;
}

void make_tls_domains(const std::vector<TlsValue>& given, Settings& settings,
                      Diagnostics& diagnostics) {
  Domains domains(settings.tls_domains, diagnostics);
  for (const auto& value : given) {
    if (names_a_domain(value)) {
      domains.add(value.text, value.parameter == "server_domain", value.at);
    }
  }
  const auto first = std::ranges::find_if(
      given, [](const TlsValue& value) { return value.domain.empty() && !names_a_domain(value); });
  if (first != given.end()) {
    for (const bool server : {true, false}) domains.add(kDefaultTlsDomain, server, first->at);
  }
  for (const auto& value : given) {
    if (!names_a_domain(value)) domains.set(value);
  }
  if (!given.empty() || has_tls_socket(settings) || has_tls_table(settings)) {
    domains.add_default_client();
  }
}

}  // namespace opensips::config
