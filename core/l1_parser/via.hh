#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.hh"

namespace opensips::parser {

/// One Via value (RFC 3261 20.42).
struct Via {
  std::string_view text;       ///< this value alone
  std::string_view transport;  ///< "UDP"
  std::string_view host;       ///< IPv6 with its brackets
  std::string_view params;     ///< without the leading ';'
  std::string_view branch;
  std::string_view received;
  std::string_view
      rport;  ///< digits; empty with has_rport: asked for, not yet filled in (RFC 3581)
  std::uint16_t port = 0;  ///< 0: none given
  bool has_rport = false;

  static base::Result<Via> parse(std::string_view text);
  /// Of a value whose parameters are broken, what stands before them: enough to send an answer to.
  /// `text` ends there.
  static base::Result<Via> parse_sent_by(std::string_view text);

  /// sent-by, with the default port put in.
  std::uint16_t port_or_default() const;
};

}  // namespace opensips::parser
