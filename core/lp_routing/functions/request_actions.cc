#include <algorithm>
#include <chrono>
#include <string>

#include <fmt/format.h>

#include "l1_parser/message_view.hh"
#include "l6_location/aor.hh"
#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/groups.hh"
#include "lp_routing/functions/header_lines.hh"
#include "lp_routing/functions/services.hh"
#include "lp_routing/functions/target.hh"
#include "lp_routing/functions/waiting.hh"

namespace opensips::routing {
namespace {

constexpr std::size_t kMaxTargets = 64;

struct ReplyFields {
  Value::Map headers;
  Line content_type;
  Body body;
};
struct ForkFields {
  std::chrono::milliseconds timeout{0};
  std::chrono::milliseconds fr_timeout{0};
  std::chrono::milliseconds fr_inv_timeout{0};
};
struct RelayFields : ForkFields {
  bool stateless = false;
};
struct SaveFields {
  std::optional<std::string_view> aor;
  std::optional<std::uint32_t> max_contacts;
  std::optional<bool> overwrite;
  std::optional<std::chrono::milliseconds> default_expires;
  std::optional<std::chrono::milliseconds> min_expires;
  std::optional<std::chrono::milliseconds> max_expires;
  std::optional<std::string_view> path;
  std::optional<std::string_view> match;
};

}  // namespace

template <>
struct OptionTable<ReplyFields> {
  static constexpr std::tuple fields{
      Option<ReplyFields, Value::Map>{"headers", &ReplyFields::headers,
                                      "values by name, or lists of values"},
      Option<ReplyFields, Line>{"content_type", &ReplyFields::content_type, "of the body"},
      Option<ReplyFields, Body>{"body", &ReplyFields::body, ""}};
};
/// What fork() and relay() have in common.
template <class Fields>
constexpr std::tuple kForkOptions{
    Option<Fields, std::chrono::milliseconds>{"timeout", &Fields::timeout,
                                              "after it what has not answered is cancelled"},
    Option<Fields, std::chrono::milliseconds>{"fr_timeout", &Fields::fr_timeout,
                                              "wait for any response, if not tm's fr_timeout"},
    Option<Fields, std::chrono::milliseconds>{
        "fr_inv_timeout", &Fields::fr_inv_timeout,
        "wait for the final response to an INVITE that rings, if not tm's fr_inv_timeout"}};
template <>
struct OptionTable<ForkFields> {
  static constexpr auto fields = kForkOptions<ForkFields>;
};
template <>
struct OptionTable<RelayFields> {
  static constexpr auto fields = std::tuple_cat(
      kForkOptions<RelayFields>,
      std::tuple{Option<RelayFields, bool>{
          "stateless", &RelayFields::stateless,
          "keeps no transaction: its copies come again, and none is sent from here; not of an "
          "INVITE"}});
};
template <>
struct OptionTable<SaveFields> {
  using Time = std::optional<std::chrono::milliseconds>;
  static constexpr std::tuple fields{
      Option<SaveFields, std::optional<std::string_view>>{
          "aor", &SaveFields::aor,
          "whose contacts they are: \"sip:bob@example.com\" or "
          "\"bob@example.com\"; else To says it"},
      Option<SaveFields, std::optional<std::uint32_t>>{"max_contacts", &SaveFields::max_contacts,
                                                       "at most"},
      Option<SaveFields, std::optional<bool>>{"overwrite", &SaveFields::overwrite,
                                              "with too many contacts the oldest go"},
      Option<SaveFields, Time>{"default_expires", &SaveFields::default_expires,
                               "if the client says nothing"},
      Option<SaveFields, Time>{"min_expires", &SaveFields::min_expires, "less is answered 423"},
      Option<SaveFields, Time>{"max_expires", &SaveFields::max_expires, "more is cut to it"},
      Option<SaveFields, std::optional<std::string_view>>{
          "path", &SaveFields::path,
          "\"off\": Path headers are passed over; \"lazy\", if it says nothing: they are kept; "
          "\"strict\": 420 for a client that does not know of them"},
      Option<SaveFields, std::optional<std::string_view>>{
          "match", &SaveFields::match,
          "when a contact is one that is known: \"uri\", if it says nothing; \"call_id\": it is of "
          "the same Call-ID too; any other word: the URIs' parameter of that name is the same"}};
};

namespace {

Value succeeded(const base::Result<void>& result, std::string_view what) {
  if (result) return true;
  return Problem{fmt::format("{}: {}", what, base::to_string(result.error()))};
}

bool is_ack(const Run& run) {
  return run.request->method() == parser::Method::ack;
}

Value reply(Call& call, std::uint16_t code, std::optional<Line> reason,
            std::optional<ReplyFields> options) {
  if (code < 100 || code > 699) {
    return Misuse{
        fmt::format("request:reply: argument 1 (code): expected 100 to 699, got {}", code)};
  }
  if (is_ack(*call.run)) return Problem{"an ACK is not answered"};
  if (call.run->answered) return Problem{"the request has been answered or relayed already"};
  std::string lines;
  ReplyOptions extra;
  if (options) {
    if (auto wrong = add_header_lines(call, options->headers, false, lines); !wrong.is_nil()) {
      return wrong;
    }
    if (!options->body.text.empty() && options->content_type.text.empty()) {
      return Misuse{"request:reply: a body needs a content_type"};
    }
    extra = {lines, options->content_type.text, options->body.text};
  }
  return succeeded(call.services->reply(*call.run, code, reason ? reason->text : "", extra),
                   "not answered");
}

/// The Request-URI as it is now; one that is no URI leads nowhere.
parser::Uri present_uri(const parser::Message& request) {
  const auto edited = request.edits().uri();
  if (edited.empty()) return request.uri();
  const auto uri = parser::Uri::parse(edited);
  return uri ? *uri : parser::Uri{.text = edited};
}

/// The targets to send to: those given, or the Request-URI. Nil, or why not.
Value find_targets(Call& call, const std::optional<TargetArgument>& target, std::size_t most,
                   Targets& targets) {
  if (call.run->answered) return Problem{"the request has been answered or relayed already"};
  if (!target) {
    targets.push_back({.uri = present_uri(*call.run->request), .flow = {}, .next_hop = {}});
    return {};
  }
  Value wrong;
  if (!read_targets(call, *target->value, most, targets, wrong)) return wrong;
  return targets.empty() ? Value(Problem{"no targets"}) : Value();
}

std::uint32_t milliseconds(std::chrono::milliseconds time) {
  return static_cast<std::uint32_t>(std::min<std::int64_t>(time.count(), UINT32_MAX));
}

ForkOptions options_of(const ForkFields& fields, bool wait) {
  return {.timeout_ms = static_cast<std::uint64_t>(fields.timeout.count()),
          .wait = wait,
          .patience = {.fr_timeout = milliseconds(fields.fr_timeout),
                       .fr_inv_timeout = milliseconds(fields.fr_inv_timeout)}};
}

Value relay_in_dialog(Call& call, bool says_how) {
  if (says_how) return Problem{"inside a dialog the way is known: relay it without one"};
  if (call.run->answered) return Problem{"the request has been answered or relayed already"};
  call.services->send_on(*call.run);
  return true;
}

Value relay(Call& call, std::optional<TargetArgument> target, std::optional<RelayFields> given) {
  if (call.run->handler == Handler::dialog_request) {
    return relay_in_dialog(call, target.has_value() || given.has_value());
  }
  Targets targets;
  if (auto wrong = find_targets(call, target, 1, targets); !wrong.is_nil()) return wrong;
  const auto options = given.value_or(RelayFields{});
  if (options.stateless && !is_ack(*call.run)) {  // an ACK has no state anyway
    return succeeded(call.services->forward_stateless(*call.run, targets.front()), "not sent");
  }
  return succeeded(call.services->fork(*call.run, targets, options_of(options, false)), "not sent");
}

Value fork(Call& call, TargetArgument target, std::optional<ForkFields> given) {
  if (is_ack(*call.run)) return Problem{"an ACK has no answer to wait for: relay it"};
  if (call.run->handler == Handler::dialog_request) return Problem{"inside a dialog nothing forks"};
  Targets targets;
  if (auto wrong = find_targets(call, target, kMaxTargets, targets); !wrong.is_nil()) return wrong;
  const auto options = options_of(given.value_or(ForkFields{}), true);
  const auto sent = call.services->fork(*call.run, targets, options);
  return sent ? Value(Value::Wait{}) : succeeded(sent, "not sent");
}

Value drop(Call& call) {
  const auto handler = call.run->handler;
  if (handler == Handler::branch || handler == Handler::local_request) {
    return call.run->dropped = true;
  }
  if (handler == Handler::response) return Problem{"it has been sent on"};
  if (call.run->answered) return Problem{"the request has been answered or relayed already"};
  call.services->drop(*call.run);
  return true;
}

Value cancel(Call& call, std::optional<Line> reason) {
  const Run& run = *call.run;
  const bool is_callers = run.handler != Handler::local_request;
  if (!is_callers || run.request->method() != parser::Method::invite)
    return Problem{"only a caller's INVITE is called off"};
  call.services->cancel(run, reason ? fmt::format("Reason: {}\r\n", reason->text) : "");
  return true;
}

Value force_rport(Call& call) {
  call.services->force_rport(*call.run);
  return true;
}

std::optional<std::uint32_t> seconds(const std::optional<std::chrono::milliseconds>& time) {
  if (!time) return std::nullopt;
  return static_cast<std::uint32_t>(time->count() / 1000);
}

/// Empty, or what is wrong with it.
std::string read_save_options(const SaveFields& given, location::SaveOptions& to) {
  to.default_expires = seconds(given.default_expires);
  to.min_expires = seconds(given.min_expires);
  to.max_expires = seconds(given.max_expires);
  to.max_contacts = given.max_contacts;
  to.overwrite = given.overwrite;
  using location::ContactMatch;
  using location::PathMode;
  const auto path = given.path.value_or("lazy");
  if (path != "off" && path != "lazy" && path != "strict") {
    return fmt::format("path is \"{:.40}\", expected off, lazy or strict", path);
  }
  to.path = path == "off" ? PathMode::off : path == "strict" ? PathMode::strict : PathMode::lazy;
  const auto match = given.match.value_or("uri");
  if (match == "call_id") {
    to.match = ContactMatch::call_id;
  } else if (match != "uri") {
    to.match = ContactMatch::param;
    to.match_param = match;
  }
  return {};
}

Value answer(Call& call, const location::Registrar::Outcome& outcome) {
  const auto headers = outcome.lines(call.run->request->arena());
  const auto sent =
      call.services->reply(*call.run, outcome.code, outcome.reason, {headers, {}, {}});
  if (!sent) return succeeded(sent, "not answered");
  if (outcome.code < 300) return true;
  return Problem{fmt::format("{} {}", outcome.code, outcome.reason)};
}

/// Of a URI, whose scheme may be missing.
std::optional<std::string_view> aor_of(std::string_view text, std::span<char> room) {
  std::string with_scheme;
  if (text.find(':') == std::string_view::npos) text = with_scheme = "sip:" + std::string(text);
  const auto uri = parser::Uri::parse(text);
  return uri ? location::aor_of(*uri, room) : std::nullopt;
}

Value save_location(Call& call, std::optional<SaveFields> options) {
  Run& run = *call.run;
  if (run.request->method() != parser::Method::register_) {
    return Misuse{"request:save_location: the request is no REGISTER"};
  }
  if (run.answered) return Problem{"the request has been answered or relayed already"};
  location::SaveOptions save;
  if (options) {
    if (const auto wrong = read_save_options(*options, save); !wrong.empty()) {
      return Misuse{"request:save_location: " + wrong};
    }
  }
  const auto wanted = options ? options->aor : std::nullopt;
  char room[location::kMaxAor];
  const auto aor = wanted ? aor_of(*wanted, room) : location::aor_of(run.request->to_uri(), room);
  if (!aor) {
    // What To asks for is answered here, as every other fault of a REGISTER is.
    if (!wanted) {
      static_cast<void>(call.services->reply(run, 400, "Not An Address Of Record", {}));
    }
    const auto text = wanted.value_or(run.request->to().uri_text);
    return Problem{fmt::format("\"{:.80}\" cannot be registered", text)};
  }

  const auto outcome = call.services->save(run, *aor, save, [&call] {
    return [rest = Continuation(call)](location::Registrar::Outcome done) {
      rest.go_on([done = std::move(done)](Call& again) { return answer(again, done); });
    };
  });
  if (outcome) return answer(call, *outcome);
  return Value::Wait{};
}

constexpr ObjectKind kRequest = ObjectKind::request;

constexpr Function kRows[] = {
    deciding(method<reply>(kRequest, "reply", "code, reason, options", "true, err",
                           "Answers the request; with a code below 200 provisionally.")),
    deciding(method<relay>(
        kRequest, "relay", "target, options", "true, err",
        "Forwards the request, to its Request-URI or to the target, and the answer back when it "
        "comes. Does not wait.")),
    waiting(method<fork>(
        kRequest, "fork", "targets, options", "response, err",
        "Forwards the request to all targets at once and waits for the best final response, which "
        "is the caller's to forward(). A 2xx has been forwarded when it is here.")),
    method<drop>(kRequest, "drop", "", "true, err",
                 "Leaves the request unanswered; in the handler of branches: leaves this branch "
                 "out. If no branch is left, the request is answered 480, or fork gives nil. In "
                 "the handler of the server's own requests: it is not sent."),
    method<cancel>(
        kRequest, "cancel", "reason", "true, err",
        "Calls an INVITE off as its caller would: soon after, branches without a final answer get "
        "a CANCEL, with that as its Reason (RFC 3326: 'Q.850;cause=16'), and the caller a 487. Of "
        "one that has been answered nothing comes."),
    deciding(method<force_rport>(
        kRequest, "force_rport", "", "true",
        "Sends answers by UDP to the port that the request came from, as if its Via had rport (RFC "
        "3581): for phones behind NAT.")),
    waiting(method<save_location>(
        kRequest, "save_location", "options", "true, err",
        "Does what a REGISTER asks for and answers it: 200 with the contacts, or what is wrong; "
        "503 if a database that has to have them does not answer.")),
};

}  // namespace

std::span<const Function> request_actions() {
  return kRows;
}

}  // namespace opensips::routing
