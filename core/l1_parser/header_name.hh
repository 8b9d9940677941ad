#pragma once

#include <cstdint>
#include <string_view>

namespace opensips::parser {

/// The headers that something in the server reads or writes; `other` is any further name. Compact
/// forms are the same header (RFC 3261 7.3.3).
enum class HeaderName : std::uint8_t {
  other,
  via,
  from,
  to,
  call_id,
  cseq,
  contact,
  max_forwards,
  route,
  record_route,
  content_length,
  content_type,
  expires,
  min_expires,
  supported,
  require,
  proxy_require,
  unsupported,
  allow,
  user_agent,
  server,
  authorization,
  proxy_authorization,
  www_authenticate,
  proxy_authenticate,
  path,
  service_route,
  event,
  subscription_state,
  refer_to,
  referred_by,
  replaces,
  rseq,
  rack,
  session_expires,
  min_se,
  reason,
  retry_after,
  date,
  timestamp,
  subject,
  accept,
  identity,
  p_asserted_identity,
  privacy,
  warning,
  max_breadth,
};

HeaderName header_name_of(std::string_view text);

/// The full name as it is usually spelled; empty for `other`.
std::string_view to_string(HeaderName name);

/// Two spellings of one header: case folds, and a compact form registered with IANA is its long
/// name, known or not ("e" is "content-encoding").
bool same_header(std::string_view a, std::string_view b);

}  // namespace opensips::parser
