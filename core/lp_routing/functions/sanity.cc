#include "lp_routing/functions/sanity.hh"

#include <fmt/format.h>

#include "l1_parser/chars.hh"
#include "l1_parser/message_view.hh"

namespace opensips::routing {
namespace {

using parser::Message;
using parser::Method;
using parser::NameAddr;
using parser::ValueList;

bool is_via(std::string_view text) {
  return parser::Via::parse(text).has_value();
}
bool is_address(std::string_view text) {
  const auto address = NameAddr::parse(text);
  return address && address->uri();
}
bool is_contact(std::string_view text) {
  return text == "*" || is_address(text);
}
bool is_token(std::string_view text) {
  return parser::chars::is_token(text);
}
bool is_seconds(std::string_view text) {
  return parser::chars::number(text, UINT32_MAX).has_value();
}

/// What each value of a header has to be.
struct Rule {
  std::string_view header;
  bool (*fits)(std::string_view value);
};
constexpr Rule kRules[] = {{"Via", is_via},
                           {"Route", is_address},
                           {"Record-Route", is_address},
                           {"Path", is_address},
                           {"Contact", is_contact},
                           {"Require", is_token},
                           {"Proxy-Require", is_token},
                           {"Supported", is_token},
                           {"Allow", is_token},
                           {"Expires", is_seconds},
                           {"Min-Expires", is_seconds}};

/// An empty value of what may be empty (RFC 3261 20.5, 20.37) has no values.
bool all_fit(const Message& request, const Rule& rule) {
  parser::EffectiveHeaders headers(request);
  while (const auto header = headers.next(rule.header)) {
    ValueList values(header->value);
    while (const auto value = values.next()) {
      if (!value->empty() && !rule.fits(*value)) return false;
    }
  }
  return true;
}

unsigned count(const Message& request, std::string_view name) {
  unsigned all = 0;
  parser::EffectiveHeaders headers(request);
  while (const auto header = headers.next(name)) {
    ValueList values(header->value);
    while (values.next()) ++all;
  }
  return all;
}

}  // namespace

std::string insanity(const Message& request) {
  for (const Rule& rule : kRules) {
    if (!all_fit(request, rule)) return fmt::format("a malformed {}", rule.header);
  }
  const bool has_type = parser::header(request, "Content-Type").has_value();
  if (!parser::effective_body(request).empty() && !has_type) {
    return "a body without a Content-Type";
  }
  // RFC 3261 8.1.1.8, RFC 6665 4.1.2.1: what sets up a dialog names one place to reach its sender.
  const bool sets_up = request.method() == Method::invite || request.method() == Method::subscribe;
  if (sets_up && count(request, "Contact") != 1) return "needs exactly one Contact";
  if (request.method() == Method::subscribe && !parser::header(request, "Event")) {
    return "a SUBSCRIBE without an Event";
  }
  return {};
}

}  // namespace opensips::routing
