#pragma once

#include <string_view>

#include "l0_transport/tls/handles.hh"

namespace opensips::transport::tls {

/// Whether a certificate is that of a SIP domain (RFC 5922 7.1, 7.2): of the sip URIs without a
/// user in its subjectAltName one has the domain as its host; if there are none of those, one of
/// its DNS names is the domain; if it has no subjectAltName at all, its common name is. Whole
/// names, no wildcards. A domain that is an IP address may also be one of the certificate's
/// addresses.
bool is_for(const X509* certificate, std::string_view domain);

/// Whether `name` is one that a pattern with `*` and `?` means; both in lower case.
bool matches(std::string_view pattern, std::string_view name);

}  // namespace opensips::transport::tls
