#include <string>
#include <utility>

#include <fmt/format.h>

#include "l1_parser/message_view.hh"
#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/groups.hh"
#include "lp_routing/functions/parts.hh"
#include "lp_routing/functions/services.hh"

namespace opensips::routing {
namespace {

using parser::HeaderName;
using parser::Message;
using Part = Object::Part;

Value method(Call& call) {
  return call.message().method_text();
}

Value ruri(Call& call) {
  return call.part(ObjectKind::uri, Part::request_uri);
}

Value set_ruri(Call& call, Line value) {
  Message& message = call.message();
  if (!parser::Uri::parse(value.text)) {
    return Misuse{fmt::format("request.ruri: \"{:.80}\" is no URI", value.text)};
  }
  message.edits().set_uri(message.arena().copy(value.text));
  return {};
}

Value from(Call& call) {
  return call.part(ObjectKind::name_addr, Part::from);
}
Value to(Call& call) {
  return call.part(ObjectKind::name_addr, Part::to);
}

/// Both ends know the dialog by the tag: it stays what it is.
Value set_address(Call& call, HeaderName name, const parser::NameAddr& original, Line value) {
  Message& message = call.message();
  const auto wrong = [&](std::string_view what) {
    return Misuse{fmt::format("{}: {}", call.function.full_name(), what)};
  };
  const auto address = parser::NameAddr::parse(value.text);
  if (!address || !address->uri())
    return wrong(fmt::format("\"{:.80}\" is no address", value.text));
  std::string text(value.text);
  if (address->tag.empty() && !original.tag.empty()) {
    text =
        address->display.empty() && text.find('<') == std::string::npos ? "<" + text + ">" : text;
    text.append(";tag=").append(original.tag);
  } else if (address->tag != original.tag) {
    return wrong("the tag cannot be changed");
  }
  const auto field = parser::to_string(name);
  if (!parser::set_header(message, field, text)) return wrong("is too long");
  return {};
}

Value set_from(Call& call, Line value) {
  return set_address(call, HeaderName::from, call.message().from(), value);
}
Value set_to(Call& call, Line value) {
  return set_address(call, HeaderName::to, call.message().to(), value);
}

Value call_id(Call& call) {
  return call.message().call_id();
}
Value cseq(Call& call) {
  return call.message().cseq().number;
}
/// One of our own came from nowhere.
Value source(Call& call) {
  if (call.run->handler == Handler::local_request) return {};
  return call.part(ObjectKind::source, Part::whole);
}

Value raw(Call& call) {
  return call.message().raw();
}

Value max_forwards(Call& call) {
  const auto hops = call.message().max_forwards();
  return hops ? Value(*hops) : Value();
}

Value is_initial(Call& call) {
  return call.message().to().tag.empty();
}

Value user_agent(Call& call) {
  return text_or_nil(parser::header(call.message(), "User-Agent").value_or(""));
}

Value id(Call& call) {
  return fmt::format("{:x}", call.run->id.bits);
}
Value cancelled(Call& call) {
  return call.run->cancelled;
}
Value answered(Call& call) {
  return call.run->answered;
}
Value ctx(Call&) {
  return Value::RunTable{};
}

Value socket(Call& call) {
  std::string name = call.services->socket_name(call.run->socket);
  return name.empty() ? Value() : Value(std::move(name));
}

Value set_socket(Call& call, std::optional<Line> value) {
  std::uint16_t socket = base::Flow::kAnySocket;
  if (value) {
    const auto found = call.services->find_socket(value->text);
    if (!found)
      return Misuse{
          fmt::format("request.socket: the server has no socket \"{:.80}\"", value->text)};
    socket = *found;
  }
  call.run->socket = socket;
  return {};
}

Value to_text(Call& call) {
  const Message& message = call.message();
  return fmt::format("{} {}", message.method_text(), parser::effective_uri(message));
}

constexpr ObjectKind kRequest = ObjectKind::request;

constexpr Function kRows[] = {
    getter<method>(kRequest, "method", "string", "\"INVITE\", \"REGISTER\", …"),
    getter<ruri>(kRequest, "ruri", "uri", "The Request-URI."),
    setter<set_ruri>(kRequest, "ruri",
                     "Another Request-URI, as text; its parts can be assigned as well."),
    getter<from>(kRequest, "from", "name_addr", "From."),
    setter<set_from>(kRequest, "from", "Another From, as text. The tag stays."),
    getter<to>(kRequest, "to", "name_addr", "To."),
    setter<set_to>(kRequest, "to", "Another To, as text. The tag stays."),
    getter<call_id>(kRequest, "call_id", "string", "Call-ID."),
    getter<cseq>(kRequest, "cseq", "integer", "The number in CSeq."),
    getter<source>(kRequest, "source", "source?",
                   "Where the request came from; nil of one of the server's own."),
    getter<raw>(kRequest, "raw", "string", "The whole message as it came: for logs."),
    getter<max_forwards>(kRequest, "max_forwards", "integer?", "Max-Forwards as it came."),
    getter<is_initial>(kRequest, "is_initial", "boolean",
                       "Whether it is outside of a dialog: To has no tag."),
    getter<user_agent>(kRequest, "user_agent", "string?", "User-Agent."),
    getter<id>(kRequest, "id", "string", "A name for this run of the handler, for logs."),
    getter<cancelled>(kRequest, "cancelled", "boolean", "Whether the caller has given up."),
    getter<answered>(kRequest, "answered", "boolean",
                     "Whether it has been answered finally, relayed or dropped."),
    getter<ctx>(kRequest, "ctx", "table",
                "A table for whatever the script wants to keep with the transaction: the handlers "
                "of its branches and responses see the same one, also when the request's own has "
                "ended."),
    getter<socket>(kRequest, "socket", "string?", "The socket to send from, if one was assigned."),
    setter<set_socket>(
        kRequest, "socket",
        "The socket of this server to send from: \"udp:192.0.2.1:5060\"; nil: the one that fits."),
    text<to_text>(kRequest, "Method and Request-URI."),
};

}  // namespace

std::span<const Function> request_fields() {
  return kRows;
}

}  // namespace opensips::routing
