#pragma once

#include <algorithm>
#include <string_view>

#include "l1_parser/message.hh"
#include "l1_parser/name_addr.hh"
#include "l6_location/unescape.hh"

namespace opensips::location {

/// Visits the option tags in all headers of that name (Supported, Require).
template <class Visit>
void for_each_option(const parser::Message& message, parser::HeaderName name, Visit&& visit) {
  const auto headers = message.headers();
  for (auto at = message.find(name); at < headers.size(); at = message.find(name, at + 1)) {
    parser::ValueList tags(message.value(headers[at]));
    while (const auto tag = tags.next()) visit(*tag);
  }
}

/// Option tags are tokens: case folds (RFC 3261 7.3.1).
inline bool same_tag(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace opensips::location
