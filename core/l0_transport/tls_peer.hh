#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace opensips::transport {

/// Who is at the other end of a TLS connection, as scripts and commands read it.
struct TlsPeer {
  std::string version;      ///< "TLSv1.3"
  std::string cipher;       ///< "TLS_AES_256_GCM_SHA384"
  int bits = 0;             ///< of the cipher
  std::string server_name;  ///< that the client asked for (SNI), or that we did

  bool has_certificate = false;
  bool verified = false;  ///< by the CAs of the TLS domain
  std::string subject;    ///< "CN=example.com,O=Example", likewise the issuer (RFC 2253)
  std::string issuer;
  std::string common_name;      ///< of the subject
  std::string serial;           ///< in hexadecimal digits
  std::int64_t not_before = 0;  ///< seconds since 1970
  std::int64_t not_after = 0;
  std::vector<std::string> san_uri;  ///< of subjectAltName
  std::vector<std::string> san_dns;
  std::vector<std::string> san_ip;
  std::vector<std::string> san_email;
};

}  // namespace opensips::transport
