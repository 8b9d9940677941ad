#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.hh"

namespace opensips::parser {

/// A SIP, SIPS or TEL URI as views into its text (RFC 3261 19.1, RFC 3966). Of any other scheme
/// only `text`, `scheme` and, behind the colon, `host` are set.
struct Uri {
  enum class Scheme : std::uint8_t { sip, sips, tel, other };

  std::string_view text;
  std::string_view scheme_text;
  std::string_view user;      ///< as it stands, escapes and all; of tel: the number
  std::string_view password;  ///< behind the colon in userinfo
  std::string_view host;      ///< IPv6 with its brackets
  std::string_view params;    ///< from the first ';' on, without it; no headers
  std::string_view headers;   ///< behind '?'
  std::uint16_t port = 0;     ///< 0: none given
  Scheme scheme = Scheme::other;

  /// The whole of `text` must be a URI.
  static base::Result<Uri> parse(std::string_view text);

  /// The value of a parameter (names fold case); empty for one without a value, nullopt if it is
  /// not there.
  std::optional<std::string_view> param(std::string_view name) const;
  bool is_sip() const { return scheme == Scheme::sip || scheme == Scheme::sips; }

  /// RFC 3261 19.1.4.
  friend bool equivalent(const Uri& a, const Uri& b);
};

bool equivalent(const Uri& a, const Uri& b);

}  // namespace opensips::parser
