#pragma once

#include <map>
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
  bool server = true;                         ///< for connections accepted; else for those opened
  std::vector<base::Address> addresses;       ///< ours, of a client domain the peer's; empty: any
  std::vector<std::string> sip_domains{"*"};  ///< lower case; with wildcards; "*" any, "none"

  std::string certificate;  ///< files and directories, as the next ones
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
/// Takes "[DOMAIN]VALUE" of a parameter.
TlsValue parse_tls_value(std::string_view parameter, std::string_view text, Position at);
/// Makes the domains of all that was given.
void make_tls_domains(const std::vector<TlsValue>& given, Settings& settings,
                      Diagnostics& diagnostics);

}  // namespace opensips::config
