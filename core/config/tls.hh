#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hh"
#include "config/diagnostics.hh"

namespace opensips::config {

struct Settings;

/// Versions as the protocol numbers them.
inline constexpr int kTls10 = 0x0301;
inline constexpr int kTls11 = 0x0302;
inline constexpr int kTls12 = 0x0303;
inline constexpr int kTls13 = 0x0304;

/// A TLS domain: for which connections it is, and how those are set up. Files are not looked at.
struct TlsDomain {
  std::string name;
  std::string row;       ///< of one in a table: which, for the operator
  bool implied = false;  ///< nobody named it: it gives way to one that somebody does
  bool server = true;    ///< for connections accepted; else for those opened
  std::vector<base::Address> addresses;       ///< ours, of a client domain the peer's; empty: any
  std::vector<std::string> sip_domains{"*"};  ///< lower case; with wildcards; "*" any, "none"

  /// Files and directories; those of a row are PEM, but for the directories.
  std::string certificate;
  std::string private_key;
  std::string ca_list;
  std::string ca_dir;
  std::string crl_dir;
  std::string dh_params;
  std::string ciphers_list;
  std::string ec_curve;
  int lowest = kTls12;
  int highest = 0;  ///< 0: the highest there is
  bool crl_check_all = false;
  bool verify_cert = true;
  bool require_cert = true;
  bool verify_hostname = true;  ///< of a client domain

  Position at;
  std::map<std::string, Position, std::less<>> positions;  ///< of what was set: "certificate"

  /// Where that was said, or else where the domain is.
  Position place(std::string_view parameter) const {
    const auto found = positions.find(parameter);
    return found == positions.end() ? at : found->second;
  }
};

/// The table that has more domains, OpenSIPS's `tls_mgm`: what it and its columns are called.
struct TlsTable {
  std::string db_url;  ///< empty: the default one
  std::string name = "tls_mgm";
  std::string domain = "domain";
  std::string match_ip_address = "match_ip_address";
  std::string match_sip_domain = "match_sip_domain";
  std::string method = "method";
  std::string verify_cert = "verify_cert";
  std::string require_cert = "require_cert";
  std::string certificate = "certificate";
  std::string private_key = "private_key";
  std::string crl_check_all = "crl_check_all";
  std::string crl_dir = "crl_dir";
  std::string ca_list = "ca_list";
  std::string ca_dir = "ca_dir";
  std::string ciphers_list = "cipher_list";
  std::string dh_params = "dh_params";
  std::string ec_curve = "ec_curve";
};

/// A column of the table, and the parameter of a domain that it has the value of.
struct TlsColumn {
  std::string_view parameter;
  std::string TlsTable::*name;
};
std::span<const TlsColumn> tls_columns();
/// The operator has named the table, or its database.
bool has_tls_table(const Settings& settings);

/// A parameter of tls_mgm as it was given, `[DOMAIN]` taken off.
struct TlsValue {
  std::string parameter;
  std::string domain;  ///< empty: none was named
  std::string text;
  Position at;
};

/// The domain of values that name none: one for servers and one for clients.
inline constexpr std::string_view kDefaultTlsDomain = "default";

/// What counts for a parameter that is not set, for the manual.
std::string_view default_tls_text(std::string_view parameter);
/// Sets a parameter of a domain; what was expected if the text will not do.
std::optional<std::string> set_tls_value(TlsDomain& domain, std::string_view parameter,
                                         std::string_view text);
/// Takes "[DOMAIN]VALUE" of a parameter.
TlsValue parse_tls_value(std::string_view parameter, std::string_view text, Position at);
/// Makes the domains of all that was given.
void make_tls_domains(const std::vector<TlsValue>& given, Settings& settings,
                      Diagnostics& diagnostics);

}  // namespace opensips::config
