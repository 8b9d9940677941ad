#include "config/rows/groups.hh"
#include "config/rows/row.hh"

namespace opensips::config::rows {
namespace {

using S = Settings;
using Tcp = TcpSettings;
using Tls = TlsTable;

constexpr std::string_view kProtoTls = "proto_tls";
constexpr std::string_view kTlsMgm = "tls_mgm";

constexpr Parameter tls(std::string_view name, std::string_view doc) {
  return {.module = kTlsMgm, .name = name, .type = Type::tls, .doc = doc, .max = 4095};
}

constexpr Parameter tls_path(std::string_view name, std::string_view doc) {
  return {.module = kTlsMgm, .name = name, .type = Type::tls_path, .doc = doc, .max = 4095};
}

constexpr Parameter kRows[] = {
    duration(kProtoTls, "tls_handshake_timeout", &at<&S::tcp, &Tcp::handshake_timeout>, kMs, 10,
             600'000, "Close a TLS connection whose handshake takes longer; in milliseconds."),
    no_effect(kProtoTls, "tls_port", Type::integer, "A socket has port 5061 unless it says more."),
    no_effect(kProtoTls, "tls_send_timeout", Type::integer, "See tcp_send_timeout."),
    no_effect(kProtoTls, "tls_crlf_pingpong", Type::any, "See tcp_crlf_pingpong."),
    no_effect(kProtoTls, "tls_async", Type::any, "Connecting and sending never wait."),
    no_effect(kProtoTls, "tls_max_msg_chunks", Type::integer,
              "A message may come in any number of pieces: see tcp_max_msg_time."),

    tls("server_domain", "Names a TLS domain for connections that are accepted."),
    tls("client_domain", "Names a TLS domain for connections that are opened."),
    tls("match_ip_address",
        "Addresses that the domain is for, of ours, of a client domain of the "
        "peer; without a port any, * is all."),
    tls("match_sip_domain",
        "Names that the domain is for, with wildcards; * is all, none no name."),
    tls_path("certificate", "File of the certificate, with those between it and its CA behind it."),
    tls_path("private_key", "File of its key."),
    tls_path("ca_list", "File of the CAs that are trusted."),
    tls_path("ca_dir", "Directory of the CAs that are trusted, by their hashes."),
    tls_path("crl_dir", "Directory of revocation lists, by their hashes."),
    tls("crl_check_all", "Look for revoked certificates in the whole chain, not its end alone."),
    tls("ciphers_list", "Ciphers up to TLS 1.2, as openssl-ciphers(1) writes them."),
    tls("tls_method", "Versions that are spoken."),
    tls("verify_cert", "Verify the certificate of the peer."),
    tls("require_cert", "Refuse a client without a certificate."),
    tls("verify_hostname",
        "The certificate of a server has to be that of the domain called: RFC "
        "5922."),
    tls_path("dh_params", "File of the parameters for ciphers with DH; those of RFC 7919 without."),
    tls("ec_curve", "Curves for the key exchange, with colons between them."),
    no_effect(kTlsMgm, "tls_library", Type::any, "It is OpenSSL."),

    long_text(kTlsMgm, "db_url", &at<&S::tls_table, &Tls::db_url>,
              "Database with a table of more TLS domains; if only that is named, db_default_url."),
    text(kTlsMgm, "db_table", &at<&S::tls_table, &Tls::name>, "Table of more TLS domains."),
    text(kTlsMgm, "domain_col", &at<&S::tls_table, &Tls::domain>, "Its column of their names."),
    text(kTlsMgm, "match_ip_address_col", &at<&S::tls_table, &Tls::match_ip_address>,
         "Its column of match_ip_address."),
    text(kTlsMgm, "match_sip_domain_col", &at<&S::tls_table, &Tls::match_sip_domain>,
         "Its column of match_sip_domain."),
    text(kTlsMgm, "tls_method_col", &at<&S::tls_table, &Tls::method>, "Its column of tls_method."),
    text(kTlsMgm, "verify_cert_col", &at<&S::tls_table, &Tls::verify_cert>,
         "Its column of verify_cert."),
    text(kTlsMgm, "require_cert_col", &at<&S::tls_table, &Tls::require_cert>,
         "Its column of require_cert."),
    text(kTlsMgm, "certificate_col", &at<&S::tls_table, &Tls::certificate>,
         "Its column of certificates, in PEM."),
    text(kTlsMgm, "private_key_col", &at<&S::tls_table, &Tls::private_key>,
         "Its column of keys, in PEM."),
    text(kTlsMgm, "crl_check_all_col", &at<&S::tls_table, &Tls::crl_check_all>,
         "Its column of crl_check_all."),
    text(kTlsMgm, "crl_dir_col", &at<&S::tls_table, &Tls::crl_dir>, "Its column of crl_dir."),
    text(kTlsMgm, "ca_list_col", &at<&S::tls_table, &Tls::ca_list>,
         "Its column of the CAs that are trusted, in PEM."),
    text(kTlsMgm, "ca_dir_col", &at<&S::tls_table, &Tls::ca_dir>, "Its column of ca_dir."),
    text(kTlsMgm, "ciphers_list_col", &at<&S::tls_table, &Tls::ciphers_list>,
         "Its column of ciphers_list."),
    text(kTlsMgm, "dh_params_col", &at<&S::tls_table, &Tls::dh_params>,
         "Its column of parameters for DH, in PEM."),
    text(kTlsMgm, "ec_curve_col", &at<&S::tls_table, &Tls::ec_curve>, "Its column of ec_curve."),
};

}  // namespace

std::span<const Parameter> of_tls() {
  return kRows;
}

}  // namespace opensips::config::rows
