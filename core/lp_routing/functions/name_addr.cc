#include "l1_parser/name_addr.hh"

#include <string>

#include "l1_parser/message_view.hh"
#include "lp_routing/functions/address_text.hh"
#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/groups.hh"
#include "lp_routing/functions/params.hh"
#include "lp_routing/functions/parts.hh"
#include "lp_routing/functions/unquoted.hh"
#include "lp_routing/functions/uri_text.hh"

namespace opensips::routing {
namespace {

Value uri(Call& call) {
  const auto address = name_addr_of(call);
  return address ? text_or_nil(address->uri_text) : Value();
}

Value user(Call& call) {
  const auto parsed = uri_of(call);
  return parsed ? text_or_nil(parsed->user) : Value();
}

Value host(Call& call) {
  const auto parsed = uri_of(call);
  return parsed ? text_or_nil(parsed->host) : Value();
}

Value display(Call& call) {
  const auto address = name_addr_of(call);
  return address && !address->display.empty() ? Value(unquoted(address->display)) : Value();
}

Value tag(Call& call) {
  const auto address = name_addr_of(call);
  return address ? text_or_nil(address->tag) : Value();
}

Value params(Call& call) {
  const auto address = name_addr_of(call);
  return address ? params_table(address->params) : Value();
}

/// Writes From or To anew. The tag stays: both ends know the dialog by it.
Value assign(Call& call, std::string_view display, std::string_view uri, std::string_view params) {
  const auto part = call.self.part;
  if (!call.on_request() || (part != Object::Part::from && part != Object::Part::to)) {
    return Misuse{call.function.full_name() +
                  ": only the parts of request.from and request.to can be assigned"};
  }
  const auto text = address_text(display, uri, params);
  const auto name = part == Object::Part::from ? "From" : "To";
  if (!text || !parser::set_header(call.message(), name, *text)) {
    return Misuse{call.function.full_name() + ": that would not be an address"};
  }
  return {};
}

Value set_uri(Call& call, Line value) {
  const auto address = name_addr_of(call);
  if (!address) return {};
  return assign(call, unquoted(address->display), value.text, address->params);
}

Value set_display(Call& call, std::optional<Line> value) {
  const auto address = name_addr_of(call);
  if (!address) return {};
  return assign(call, value ? value->text : "", address->uri_text, address->params);
}

/// The URI with another user or host.
Value set_in_uri(Call& call, std::string_view parser::Uri::*field, std::string_view value) {
  const auto address = name_addr_of(call);
  auto parts = uri_of(call);
  if (!address || !parts) return {};
  (*parts).*field = value;
  const auto uri = uri_text(*parts);
  if (!uri) return Misuse{call.function.full_name() + ": that would not be a URI"};
  return assign(call, unquoted(address->display), *uri, address->params);
}

Value set_user(Call& call, Line value) {
  return set_in_uri(call, &parser::Uri::user, value.text);
}

Value set_host(Call& call, Line value) {
  return set_in_uri(call, &parser::Uri::host, value.text);
}

Value port(Call& call) {
  const auto parsed = uri_of(call);
  return parsed && parsed->port != 0 ? Value(parsed->port) : Value();
}

Value scheme(Call& call) {
  const auto parsed = uri_of(call);
  return parsed ? text_or_nil(parsed->scheme_text) : Value();
}

Value uri_params(Call& call) {
  const auto parsed = uri_of(call);
  return parsed ? params_table(parsed->params) : Value();
}

Value to_text(Call& call) {
  return text_of_part(call).value_or("");
}

constexpr ObjectKind kNameAddr = ObjectKind::name_addr;

constexpr Function kRows[] = {
    getter<uri>(kNameAddr, "uri", "string?", "The URI."),
    setter<set_uri>(kNameAddr, "uri", "Another URI: of request.from and request.to."),
    getter<user>(kNameAddr, "user", "string?", "The user of the URI."),
    setter<set_user>(kNameAddr, "user", "Another user in the URI: of request.from and request.to."),
    getter<host>(kNameAddr, "host", "string?", "The host of the URI."),
    setter<set_host>(kNameAddr, "host", "Another host in the URI: of request.from and request.to."),
    getter<port>(kNameAddr, "port", "integer?", "The port of the URI, if one is given."),
    getter<scheme>(kNameAddr, "scheme", "string?", "The scheme of the URI."),
    getter<uri_params>(kNameAddr, "uri_params", "table<string, string|true>?",
                       "A copy of the URI's own parameters by name."),
    getter<display>(kNameAddr, "display", "string?", "The display name, without quotes."),
    setter<set_display>(kNameAddr, "display",
                        "Another display name, without quotes, nil: none: of request.from and "
                        "request.to."),
    getter<tag>(kNameAddr, "tag", "string?", "The tag."),
    getter<params>(kNameAddr, "params", "table<string, string|true>?",
                   "A copy of the header's parameters by name; true for one without a value."),
    text<to_text>(kNameAddr, "The whole value of the header."),
};

}  // namespace

std::span<const Function> name_addr_functions() {
  return kRows;
}

}  // namespace opensips::routing
