#include <string>

#include <fmt/format.h>

#include "l1_parser/chars.hh"
#include "l1_parser/message_view.hh"
#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/groups.hh"
#include "lp_routing/functions/sanity.hh"
#include "lp_routing/functions/services.hh"

namespace opensips::routing {
namespace {

using parser::HeaderName;
using parser::Message;

Value is_method(Call& call, std::span<const Value> names) {
  if (names.empty()) return Misuse{call.function.full_name() + ": expected the name of a method"};
  bool found = false;
  for (const Value& name : names) {
    std::string_view room;
    const auto* const text = name.text(room);
    if (!text || !parser::chars::is_token(*text)) {
      return Misuse{call.function.full_name() + ": expected names of methods"};
    }
    found |= *text == call.message().method_text();
  }
  return found;
}

/// Its sender put the only Via there is, and nobody a Record-Route.
Value is_first_hop(Call& call) {
  const Message& message = call.message();
  if (message.has(HeaderName::record_route)) return false;
  std::size_t vias = 0;
  const auto headers = message.headers();
  for (auto i = message.find(HeaderName::via); i < headers.size();
       i = message.find(HeaderName::via, i + 1)) {
    parser::ValueList values(message.value(headers[i]));
    while (values.next()) ++vias;
  }
  return vias == 1;
}

Value check(Call& call) {
  std::string wrong = insanity(call.message());
  if (wrong.empty()) return true;
  return Problem{std::move(wrong)};
}

/// RFC 3261 16.12.1.1 calls it "responsible for": a host of ours, and a port that we listen on.
Value is_myself(Call& call, Line text) {
  const auto uri = parser::Uri::parse(text.text);
  if (!uri || !uri->is_sip()) return false;
  return uri->port == 0 ? call.services->is_local(uri->host)
                        : call.services->is_local(uri->host, uri->port);
}

constexpr ObjectKind kRequest = ObjectKind::request;

constexpr Function kRows[] = {
    method<is_method>(kRequest, "is_method", "names", "boolean",
                      "Whether its method is one of these: req:is_method(\"INVITE\", "
                      "\"SUBSCRIBE\")."),
    getter<is_first_hop>(kRequest, "is_first_hop", "boolean",
                         "Whether no other proxy stands before this one: there is one Via, and no "
                         "Record-Route."),
    method<check>(kRequest, "check", "", "true, err",
                  "Whether all that stands in its headers is well-formed, those that nothing here "
                  "has had to read too: Via, Route, Record-Route and Contact, Expires, Require and "
                  "the like, a body's Content-Type, the Contact that an INVITE needs. What has no "
                  "readable Via, From, To, CSeq or Request-URI was refused before."),
    function<is_myself>(ObjectKind::sip, "is_myself", "uri", "boolean",
                        kInHandlers | place_of(Handler::startup),
                        "Whether a SIP URI leads to this server: its host is one of ours, and its "
                        "port, if it has one, one that we listen on."),
};

}  // namespace

std::span<const Function> request_checks() {
  return kRows;
}

}  // namespace opensips::routing
