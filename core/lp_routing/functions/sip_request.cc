#include <chrono>
#include <string>

#include <fmt/format.h>

#include "l1_parser/method.hh"
#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/groups.hh"
#include "lp_routing/functions/header_lines.hh"
#include "lp_routing/functions/services.hh"

namespace opensips::routing {
namespace {

/// Requests of the script's own.
struct RequestFields {
  HeaderField method;
  Line uri;
  std::optional<Line> from;
  std::optional<Line> to;
  Line route;
  Value::Map headers;
  Line content_type;
  Body body;
  Line user;
  std::string_view password;
  std::string_view ha1;
  std::chrono::milliseconds timeout{0};
  Line next_hop;
  std::optional<std::string_view> socket;
};

}  // namespace

template <>
struct OptionTable<RequestFields> {
  using F = RequestFields;
  static constexpr std::tuple fields{
      Option<F, HeaderField>{"method", &F::method, "\"OPTIONS\", \"MESSAGE\", …"},
      Option<F, Line>{"uri", &F::uri, "Request-URI: where it goes"},
      Option<F, std::optional<Line>>{"from", &F::from, "From, as \"<sip:a@example.com>\"; else To"},
      Option<F, std::optional<Line>>{"to", &F::to, "To; else the Request-URI"},
      Option<F, Line>{"route", &F::route, "Route: by way of the first one's URI"},
      Option<F, Value::Map>{"headers", &F::headers, "values by name, or lists of values"},
      Option<F, Line>{"content_type", &F::content_type, "of the body"},
      Option<F, Body>{"body", &F::body, ""},
      Option<F, Line>{"user", &F::user, "who it says it is when it is challenged (401, 407)"},
      Option<F, std::string_view>{"password", &F::password, "by which it proves that"},
      Option<F, std::string_view>{"ha1", &F::ha1, "or by this hash of user, realm and password"},
      Option<F, std::chrono::milliseconds>{"timeout", &F::timeout,
                                           "after it the answer is a 408; else after fr_timeout"},
      Option<F, Line>{"next_hop", &F::next_hop, "a URI to send to instead"},
      Option<F, std::optional<std::string_view>>{
          "socket", &F::socket, "one of ours to send from: \"udp:192.0.2.1:5060\""},
  };
};

namespace {

/// Why the script may not send such a request; empty if it may.
std::string_view not_by_script(std::string_view method) {
  switch (parser::method_of(method)) {
    case parser::Method::invite: return "sets up a call, which somebody would have to be in";
    case parser::Method::ack:
    case parser::Method::cancel:
    case parser::Method::prack: return "belongs to an INVITE";
    default: return {};
  }
}

Value request(Call& call, RequestFields fields) {
  if (fields.method.text.empty() || fields.uri.text.empty()) {
    return Misuse{"sip.request: needs a method and a uri"};
  }
  if (const auto why = not_by_script(fields.method.text); !why.empty()) {
    return Misuse{fmt::format("sip.request: {} {}", fields.method.text, why)};
  }
  if (!fields.body.text.empty() && fields.content_type.text.empty()) {
    return Misuse{"sip.request: a body needs a content_type"};
  }
  std::string lines;
  if (auto wrong = add_header_lines(call, fields.headers, true, lines); !wrong.is_nil()) {
    return wrong;
  }
  transaction::UacOptions options;
  if (fields.socket) {
    const auto socket = call.services->find_socket(*fields.socket);
    if (!socket) return Problem{fmt::format("\"{:.80}\" is no socket of ours", *fields.socket)};
    options.socket = *socket;
  }
  options.next_hop = fields.next_hop.text;
  options.timeout_ms = static_cast<std::uint64_t>(fields.timeout.count());
  options.login = {.username = fields.user.text, .password = fields.password, .ha1 = fields.ha1};
  const auto uri = fmt::format("<{}>", fields.uri.text);
  const auto to = fields.to ? fields.to->text : uri;
  const auto sent = call.services->request(*call.run,
                                           {.method = fields.method.text,
                                            .uri = fields.uri.text,
                                            .route = fields.route.text,
                                            .from = fields.from ? fields.from->text : to,
                                            .to = to,
                                            .call_id = {},
                                            .headers = lines,
                                            .content_type = fields.content_type.text,
                                            .body = fields.body.text},
                                           options);
  if (sent) return Value::Wait{};
  return Problem{fmt::format("not sent: {}", base::to_string(sent.error()))};
}

constexpr Function kRows[] = {waiting(function<request>(
    ObjectKind::sip, "request", "options", "response, err", kInHandlers,
    "Sends a request of the server's own and waits for the final answer. One that never came "
    "is a 408, or a 503 if it could not be sent, made here. A challenge is answered if there "
    "is a user. Ends early, with nil and \"cancelled\", when the caller gives up."))};

}  // namespace

std::span<const Function> sip_requests() {
  return kRows;
}

}  // namespace opensips::routing
