#include <string>

#include <fmt/format.h>

#include "l1_parser/name_addr.hh"
#include "lp_routing/functions/address_text.hh"
#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/groups.hh"
#include "lp_routing/functions/params.hh"
#include "lp_routing/functions/uri_text.hh"

namespace opensips::routing {
namespace {

struct UriFields {
  Line scheme{"sip"};
  Line user;
  Line password;
  Line host;
  std::uint16_t port = 0;
  Value::Map params;
  Line headers;
};
struct AddressFields {
  Line display;
  Line uri;
  Value::Map params;
};

}  // namespace

template <>
struct OptionTable<UriFields> {
  using F = UriFields;
  static constexpr std::tuple fields{
      Option<F, Line>{"scheme", &F::scheme, "\"sip\" if it is not given"},
      Option<F, Line>{"user", &F::user, "with its escapes; of a tel URI the number"},
      Option<F, Line>{"password", &F::password, ""},
      Option<F, Line>{"host", &F::host, "an IPv6 address in brackets"},
      Option<F, std::uint16_t>{"port", &F::port, ""},
      Option<F, Value::Map>{"params", &F::params, "by name; true for one without a value"},
      Option<F, Line>{"headers", &F::headers, "behind the '?'"}};
};
template <>
struct OptionTable<AddressFields> {
  using F = AddressFields;
  static constexpr std::tuple fields{
      Option<F, Line>{"display", &F::display, "the display name, without quotes"},
      Option<F, Line>{"uri", &F::uri, ""},
      Option<F, Value::Map>{"params", &F::params, "by name; true for one without a value"}};
};

namespace {

Value wrong_params(const Call& call) {
  return Misuse{call.function.full_name() +
                ": params: names and values must be text, or true for no value"};
}

Value write_uri(Call& call, UriFields fields) {
  const auto params = params_text(fields.params);
  if (!params) return wrong_params(call);
  parser::Uri parts;
  parts.scheme_text = fields.scheme.text;
  if (fields.scheme.text == "tel") parts.scheme = parser::Uri::Scheme::tel;
  parts.user = fields.user.text;
  parts.password = fields.password.text;
  parts.host = fields.host.text;
  parts.port = fields.port;
  parts.params = *params;
  parts.headers = fields.headers.text;
  auto text = uri_text(parts);
  if (text) return std::move(*text);
  return Misuse{call.function.full_name() + ": that would not be a URI"};
}

Value write_address(Call& call, AddressFields fields) {
  const auto params = params_text(fields.params);
  if (!params) return wrong_params(call);
  auto text = address_text(fields.display.text, fields.uri.text, *params);
  if (text) return std::move(*text);
  return Misuse{call.function.full_name() + ": that would not be an address"};
}

Value write_params(Call& call, Value::Map params) {
  auto text = params_text(params);
  return text ? Value(std::move(*text)) : wrong_params(call);
}

constexpr ObjectKind kWrite = ObjectKind::write;

constexpr Function kRows[] = {
    function<write_uri>(kWrite, "uri", "parts", "string", kAnywhere,
                        "A URI of its parts, named as sip.parse.uri names them."),
    function<write_address>(kWrite, "address", "parts", "string", kAnywhere,
                            "A value for From, Contact and the like."),
    function<write_params>(kWrite, "params", "params", "string", kAnywhere,
                           "Parameters as \"a=1;lr\", in the order of their names."),
};

}  // namespace

std::span<const Function> write_functions() {
  return kRows;
}

}  // namespace opensips::routing
