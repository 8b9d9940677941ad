#include <string_view>

#include "l1_parser/name_addr.hh"
#include "l1_parser/uri.hh"
#include "l1_parser/via.hh"
#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/groups.hh"
#include "lp_routing/functions/params.hh"
#include "lp_routing/functions/parts.hh"
#include "lp_routing/functions/unquoted.hh"

namespace opensips::routing {
namespace {

using parser::NameAddr;
using parser::Uri;
using parser::Via;

/// An entry for text that is there.
void add(Value::Map& table, std::string_view name, std::string_view text) {
  if (!text.empty()) table.push_back({name, text});
}

Value parse_uri(Call&, Line text) {
  const auto uri = Uri::parse(text.text);
  if (!uri) return Problem{"not a URI"};
  Value::Map table;
  add(table, "scheme", uri->scheme_text);
  add(table, "user", uri->user);
  add(table, "password", uri->password);
  add(table, "host", uri->host);
  if (uri->port != 0) table.push_back({"port", uri->port});
  table.push_back({"params", params_table(uri->params)});
  add(table, "headers", uri->headers);
  return table;
}

Value parse_address(Call&, Line text) {
  const auto address = NameAddr::parse(text.text);
  if (!address || !address->uri()) return Problem{"not an address"};
  Value::Map table;
  if (!address->display.empty()) table.push_back({"display", unquoted(address->display)});
  add(table, "uri", address->uri_text);
  add(table, "tag", address->tag);
  table.push_back({"params", params_table(address->params)});
  return table;
}

Value parse_via(Call&, Line text) {
  const auto via = Via::parse(text.text);
  if (!via) return Problem{"not a Via"};
  Value::Map table;
  add(table, "transport", via->transport);
  add(table, "host", via->host);
  if (via->port != 0) table.push_back({"port", via->port});
  add(table, "branch", via->branch);
  add(table, "received", via->received);
  table.push_back({"params", params_table(via->params)});
  return table;
}

Value parse_list(Call&, Line text) {
  Value::List list;
  parser::ValueList values(text.text);
  while (const auto value = values.next()) list.push_back(*value);
  return list;
}

Value parse_params(Call&, Line text) {
  return params_table(text.text);
}

constexpr ObjectKind kParse = ObjectKind::parse;

constexpr Function kRows[] = {
    function<parse_uri>(kParse, "uri", "text", "table, err", kAnywhere,
                        "The parts of a URI: scheme, user, password, host, port, params (by name, "
                        "true for one without a value) and headers (behind the '?'), each as it "
                        "stands; what is not there is nil."),
    function<parse_address>(kParse, "address", "text", "table, err", kAnywhere,
                            "The parts of a value like that of From or Contact: display (without "
                            "its quotes), uri, tag and params."),
    function<parse_via>(kParse, "via", "text", "table, err", kAnywhere,
                        "The parts of one Via: transport, host, port, branch, received and "
                        "params."),
    function<parse_list>(kParse, "list", "text", "string[]", kAnywhere,
                         "A header's value divided at its commas, but not at those inside quotes "
                         "and angle brackets."),
    function<parse_params>(kParse, "params", "text", "table<string, string|true>", kAnywhere,
                           "Parameters as \"a=1;lr\" by name; true for one without a value."),
};

}  // namespace

std::span<const Function> parse_functions() {
  return kRows;
}

}  // namespace opensips::routing
