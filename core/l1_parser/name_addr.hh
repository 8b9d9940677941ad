#pragma once

#include <optional>
#include <string_view>

#include "base/result.hh"
#include "l1_parser/uri.hh"

namespace opensips::parser {

/// From, To, Contact, Route, Record-Route, Path, Refer-To: `"display" <uri>;params` or `uri;params`
/// (RFC 3261 20.10, 20.20). In the second form parameters are the header's, never the URI's.
struct NameAddr {
  std::string_view text;
  std::string_view display;  ///< quotes still on
  std::string_view uri_text;
  std::string_view params;  ///< without the leading ';'
  std::string_view tag;     ///< the `tag` parameter; empty if there is none

  /// The whole of `text` must be one name-addr or addr-spec; the URI inside is parsed by uri().
  static base::Result<NameAddr> parse(std::string_view text);

  base::Result<Uri> uri() const { return Uri::parse(uri_text); }
  std::optional<std::string_view> param(std::string_view name) const;
};

/// One whose URI is good.
struct NamedUri {
  NameAddr address;
  Uri uri;
};

/// Splits a header's value at the commas outside quotes and angle brackets (RFC 3261 7.3.1).
class ValueList {
 public:
  explicit ValueList(std::string_view value) : rest_(value) {}
  /// The next value without the white space around it; nullopt at the end.
  std::optional<std::string_view> next();
  /// What stands behind the values taken so far.
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

}  // namespace opensips::parser
