#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "l1_parser/chars.hh"
#include "l1_parser/params.hh"
#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/groups.hh"
#include "lp_routing/functions/params.hh"
#include "lp_routing/functions/parts.hh"
#include "lp_routing/functions/uri_text.hh"

namespace opensips::routing {
namespace {

using parser::Uri;

Value scheme(Call& call) {
  const auto uri = uri_of(call);
  return uri ? Value(uri->scheme_text) : Value();
}

Value user(Call& call) {
  const auto uri = uri_of(call);
  return uri ? text_or_nil(uri->user) : Value();
}

Value host(Call& call) {
  const auto uri = uri_of(call);
  return uri ? text_or_nil(uri->host) : Value();
}

Value port(Call& call) {
  const auto uri = uri_of(call);
  return uri && uri->port != 0 ? Value(uri->port) : Value();
}

Value params(Call& call) {
  const auto uri = uri_of(call);
  return uri ? params_table(uri->params) : Value();
}

Value to_text(Call& call) {
  const auto uri = uri_of(call);
  return uri ? Value(uri->text) : Value("");
}

/// Writes the URI anew and makes it the Request-URI.
Value assign(Call& call, const Uri& wanted) {
  const auto text = uri_text(wanted);
  if (!text) {
    return Misuse{fmt::format("{}: that would not be a URI", call.function.full_name())};
  }
  parser::Message& message = call.message();
  message.edits().set_uri(message.arena().copy(*text));
  return {};
}

/// The URI to change, or what is wrong.
std::optional<Uri> changeable(const Call& call, Value& wrong) {
  if (call.self.part != Object::Part::request_uri) {
    wrong = Misuse{call.function.full_name() + ": only the parts of request.ruri can be assigned"};
    return std::nullopt;
  }
  auto uri = uri_of(call);
  if (!uri) wrong = Misuse{call.function.full_name() + ": the Request-URI is malformed"};
  return uri;
}

Value set_scheme(Call& call, Line value) {
  Value wrong;
  auto uri = changeable(call, wrong);
  if (!uri) return wrong;
  uri->scheme_text = value.text;
  return assign(call, *uri);
}

Value set_user(Call& call, std::optional<Line> value) {
  Value wrong;
  auto uri = changeable(call, wrong);
  if (!uri) return wrong;
  uri->user = value ? value->text : std::string_view();
  if (uri->user.empty()) uri->password = {};
  return assign(call, *uri);
}

Value password(Call& call) {
  const auto uri = uri_of(call);
  return uri ? text_or_nil(uri->password) : Value();
}

Value set_password(Call& call, std::optional<Line> value) {
  Value wrong;
  auto uri = changeable(call, wrong);
  if (!uri) return wrong;
  uri->password = value ? value->text : std::string_view();
  return assign(call, *uri);
}

Value set_host(Call& call, Line value) {
  Value wrong;
  auto uri = changeable(call, wrong);
  if (!uri) return wrong;
  uri->host = value.text;
  return assign(call, *uri);
}

Value set_port(Call& call, std::optional<std::uint16_t> value) {
  Value wrong;
  auto uri = changeable(call, wrong);
  if (!uri) return wrong;
  uri->port = value.value_or(0);
  return assign(call, *uri);
}

Value headers(Call& call) {
  const auto uri = uri_of(call);
  return uri ? text_or_nil(uri->headers) : Value();
}

Value set_headers(Call& call, std::optional<Line> value) {
  Value wrong;
  auto uri = changeable(call, wrong);
  if (!uri) return wrong;
  uri->headers = value ? value->text : std::string_view();
  return assign(call, *uri);
}

Value set_params(Call& call, std::optional<Value::Map> value) {
  Value wrong;
  auto uri = changeable(call, wrong);
  if (!uri) return wrong;
  const auto text = params_text(value.value_or(Value::Map{}));
  if (!text)
    return Misuse{call.function.full_name() +
                  ": names and values must be text, or true for no value"};
  uri->params = *text;
  return assign(call, *uri);
}

constexpr ObjectKind kUri = ObjectKind::uri;

constexpr Function kRows[] = {
    getter<scheme>(kUri, "scheme", "string?", "\"sip\", \"sips\" or \"tel\", as it stands."),
    setter<set_scheme>(kUri, "scheme", "Another scheme."),
    getter<user>(kUri, "user", "string?", "The user, with its escapes; of a tel URI the number."),
    setter<set_user>(kUri, "user", "Another user; nil: none."),
    getter<password>(kUri, "password", "string?", "The password, with its escapes."),
    setter<set_password>(kUri, "password", "Another password; nil: none."),
    getter<host>(kUri, "host", "string?", "The host; an IPv6 address in its brackets."),
    setter<set_host>(kUri, "host", "Another host."),
    getter<port>(kUri, "port", "integer?", "The port, if one is given."),
    setter<set_port>(kUri, "port", "Another port; nil: none."),
    getter<params>(kUri, "params", "table<string, string|true>?",
                   "A copy of the parameters by name; true for one without a value."),
    setter<set_params>(kUri, "params", "Other parameters, all of them; nil: none."),
    getter<headers>(kUri, "headers", "string?", "What stands behind the '?'."),
    setter<set_headers>(kUri, "headers", "Something else behind the '?'; nil: nothing."),
    text<to_text>(kUri, "The whole URI."),
};

}  // namespace

std::span<const Function> uri_functions() {
  return kRows;
}

}  // namespace opensips::routing
