// Making dialogs, ending them, and sending requests inside them.

#include <chrono>
#include <string>

#include <fmt/format.h>

#include "l1_parser/method.hh"
#include "l3_dialog/session_timer.hh"
#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/dialog_of.hh"
#include "lp_routing/functions/groups.hh"
#include "lp_routing/functions/header_lines.hh"
#include "lp_routing/functions/services.hh"

namespace opensips::routing {

using dialog::Party;

std::optional<Party> party_of(std::string_view name) {
  if (name == "caller") return Party::caller;
  if (name == "callee") return Party::callee;
  return std::nullopt;
}

namespace {

using Time = std::optional<std::chrono::milliseconds>;

struct CreateFields {
  Time lifetime, ping, session_expires, min_se;
  std::optional<std::string_view> ping_side, ping_by;
  std::optional<bool> show_requests;
};
struct InsideFields {
  Value::Map headers;
  Line content_type;
  Body body;
};

}  // namespace

template <>
struct OptionTable<CreateFields> {
  using F = CreateFields;
  static constexpr std::tuple fields{
      Option<F, Time>{"lifetime", &F::lifetime,
                      "after it both sides get a BYE; else default_timeout; 0: never"},
      Option<F, Time>{"ping", &F::ping,
                      "between pings of each side; who does not answer ends the call; 0: none"},
      Option<F, std::optional<std::string_view>>{
          "ping_by", &F::ping_by,
          "\"OPTIONS\", or \"INVITE\": a re-INVITE with the session as it stands"},
      Option<F, std::optional<std::string_view>>{"ping_side", &F::ping_side,
                                                 "\"caller\" or \"callee\": only that one"},
      Option<F, Time>{"session_expires", &F::session_expires,
                      "the session has to be refreshed so often (RFC 4028), or the call ends"},
      Option<F, Time>{"min_se", &F::min_se, "who asks for less is answered 422"},
      Option<F, std::optional<bool>>{"show_requests", &F::show_requests,
                                     "its requests go through sip.on_dialog_request"}};
};
template <>
struct OptionTable<InsideFields> {
  using F = InsideFields;
  static constexpr std::tuple fields{
      Option<F, Value::Map>{"headers", &F::headers, "values by name, or lists of values"},
      Option<F, Line>{"content_type", &F::content_type, "of the body"},
      Option<F, Body>{"body", &F::body, ""}};
};

namespace {

std::uint64_t ms(const Time& time, std::uint64_t otherwise) {
  return time ? static_cast<std::uint64_t>(time->count()) : otherwise;
}

/// What is asked for, on top of what the operator has set.
std::optional<dialog::DialogOptions> options_of(const CreateFields& given,
                                                const dialog::DialogOptions& defaults) {
  auto options = defaults;
  const auto narrow = [](std::uint64_t time) {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(time, UINT32_MAX));
  };
  options.lifetime = ms(given.lifetime, options.lifetime);
  options.ping_interval = narrow(ms(given.ping, options.ping_interval));
  options.session_interval = narrow(ms(given.session_expires, options.session_interval));
  options.min_session = narrow(ms(given.min_se, options.min_session));
  if (given.ping_by) {
    options.ping_by_invite = *given.ping_by == "INVITE";
    if (!options.ping_by_invite && *given.ping_by != "OPTIONS") return std::nullopt;
  }
  options.shows_requests = given.show_requests.value_or(options.shows_requests);
  if (given.ping_side) {
    const auto side = party_of(*given.ping_side);
    if (!side) return std::nullopt;
    options.ping_caller = *side == Party::caller;
    options.ping_callee = *side == Party::callee;
  }
  return options;
}

Value create(Call& call, std::optional<CreateFields> given) {
  auto& dialogs = call.services->dialogs();
  auto& run = *call.run;
  const auto options = options_of(given.value_or(CreateFields{}), dialogs.settings().defaults);
  if (!options) {
    return Misuse{
        "request:create_dialog: ping_side is \"caller\" or \"callee\", ping_by \"OPTIONS\" or "
        "\"INVITE\""};
  }
  const auto wish = session_wish(*options);
  if (is_session_too_short(*run.request, wish)) {
    const auto line = dialog::min_se_line(run.request->arena(), wish.least);
    static_cast<void>(
        call.services->reply(run, 422, {}, {.headers = line, .content_type = {}, .body = {}}));
    return Problem{"422 Session Interval Too Small"};
  }
  const auto made = dialogs.create(*run.request, run.server, *options);
  if (made) return Object{.kind = ObjectKind::dialog, .dialog = *made};
  switch (made.error()) {
    case base::Error::unsupported: return Problem{"only an INVITE outside of a dialog makes one"};
    case base::Error::refused: return Problem{"there is one with this Call-ID and From tag"};
    default: return Problem{"the request has been answered already"};
  }
}

Value bye(Call& call) {
  auto* const found = dialog_of(call);
  if (!found) return has_gone(call);
  const auto ended = call.services->dialogs().end(*found, dialog::Ending::script);
  if (ended) return true;
  return Problem{"it has ended already"};
}

/// Sends it and waits for its answer.
Value send(Call& call, dialog::Dialog& dialog, Party to,
           const dialog::OwnRequests::Content& content) {
  const auto sent = call.services->send_inside(*call.run, dialog, to, content);
  if (sent) return Value::Wait{};
  if (sent.error() == base::Error::gone) return Problem{"the dialog is not established"};
  return Problem{fmt::format("not sent: {}", base::to_string(sent.error()))};
}

std::optional<Value> wrong_side(const Call& call, std::string_view side) {
  if (party_of(side)) return std::nullopt;
  return Misuse{
      fmt::format("{}: argument 1 (side): expected \"caller\" or \"callee\", got "
                  "\"{:.40}\"",
                  call.function.full_name(), side)};
}

/// Those that make, refresh or end the dialog or a part of it are the server's own.
bool is_by_script(std::string_view method) {
  using enum parser::Method;
  switch (parser::method_of(method)) {
    case invite:
    case ack:
    case bye:
    case cancel:
    case prack:
    case update:
    case register_: return false;
    default: return true;
  }
}

Value request(Call& call, std::string_view side, HeaderField method,
              std::optional<InsideFields> given) {
  if (const auto wrong = wrong_side(call, side)) return *wrong;
  if (!is_by_script(method.text)) {
    return Misuse{fmt::format("dialog:request: {} is not a script's to send", method.text)};
  }
  const auto fields = given.value_or(InsideFields{});
  std::string lines;
  if (auto wrong = add_header_lines(call, fields.headers, true, lines); !wrong.is_nil()) {
    return wrong;
  }
  if (!fields.body.text.empty() && fields.content_type.text.empty()) {
    return Misuse{"dialog:request: a body needs a content_type"};
  }
  auto* const found = dialog_of(call);
  if (!found) return has_gone(call);
  return send(call, *found, *party_of(side),
              {.method = method.text,
               .headers = lines,
               .content_type = fields.content_type.text,
               .body = fields.body.text});
}

Value refer(Call& call, std::string_view side, Line target) {
  if (const auto wrong = wrong_side(call, side)) return *wrong;
  const auto uri = parser::Uri::parse(target.text);
  if (!uri) return Misuse{fmt::format("dialog:refer: \"{:.80}\" is no URI", target.text)};
  auto* const found = dialog_of(call);
  if (!found) return has_gone(call);
  const auto lines = dialog::OwnRequests::refer_lines(*found, *party_of(side), target.text);
  return send(call, *found, *party_of(side),
              {.method = "REFER", .headers = lines, .content_type = {}, .body = {}});
}

constexpr ObjectKind kDialog = ObjectKind::dialog;

constexpr Function kRows[] = {
    deciding(method<create>(
        ObjectKind::request, "create_dialog", "options", "dialog, err",
        "Makes a dialog for this INVITE, before it is forwarded: the call is counted, can "
        "be listed and ended, and what passes in it is checked. Harmless if there is one. "
        "One that asks for too short a session is answered 422.")),
    method<bye>(
        kDialog, "bye", "", "true, err",
        "Ends it: both sides get a BYE; before it is answered callees get a CANCEL, and the "
        "caller a 487."),
    waiting(method<request>(
        kDialog, "request", "side, method, options", "response, err",
        "Sends a request to one side, \"caller\" or \"callee\", as if it came from the other, and "
        "waits for the answer. One that never came is a 408 made here.")),
    waiting(method<refer>(kDialog, "refer", "side, target", "response, err",
                          "Asks one side, \"caller\" or \"callee\", to call somebody else (RFC "
                          "3515), and waits for the "
                          "answer. What comes of it the two sides tell each other.")),
};

}  // namespace

std::span<const Function> dialog_requests() {
  return kRows;
}

}  // namespace opensips::routing
