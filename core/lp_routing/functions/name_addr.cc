#include "l1_parser/name_addr.hh"

#include <string>

#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/groups.hh"
#include "lp_routing/functions/params.hh"
#include "lp_routing/functions/parts.hh"

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

/// RFC 3261 25.1: a quoted-string without its quotes and backslashes.
std::string unquoted(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
  text = text.substr(1, text.size() - 2);
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    plain += text[i];
  }
  return plain;
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

Value to_text(Call& call) {
  return text_of_part(call).value_or("");
}

constexpr ObjectKind kNameAddr = ObjectKind::name_addr;

constexpr Function kRows[] = {
    getter<uri>(kNameAddr, "uri", "string?", "The URI."),
    getter<user>(kNameAddr, "user", "string?", "The user of the URI."),
    getter<host>(kNameAddr, "host", "string?", "The host of the URI."),
    getter<display>(kNameAddr, "display", "string?", "The display name, without quotes."),
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
