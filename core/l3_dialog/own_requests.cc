#include "l3_dialog/own_requests.hh"

#include <utility>

#include <fmt/format.h>

#include "l1_parser/name_addr.hh"
#include "l3_dialog/dialogs.hh"
#include "l3_dialog/forward.hh"

namespace opensips::dialog {

namespace {

/// Pinging goes on only when the one before has been answered.
constexpr std::uint8_t bit_of(Party party) {
  return party == Party::caller ? 1 : 2;
}

/// RFC 3326.
std::string_view reason_of(Ending ending) {
  switch (ending) {
    case Ending::lifetime: return "Reason: SIP;cause=480;text=\"Lifetime Over\"\r\n";
    case Ending::session: return "Reason: SIP;cause=408;text=\"Session Not Refreshed\"\r\n";
    case Ending::ping: return "Reason: SIP;cause=408;text=\"Other Side Gone\"\r\n";
    default: return {};
  }
}

}  // namespace

std::string OwnRequests::refer_lines(const Dialog& dialog, Party to, std::string_view target) {
  const auto from = other(to);
  return fmt::format("Contact: <{}>\r\nRefer-To: <{}>\r\nReferred-By: <{}>\r\n",
                     dialog.contact(from), target, dialog.uri(from));
}

base::Result<void> OwnRequests::send(Dialog& dialog, Party to, const Content& content,
                                     Answer answer) {
  if (!is_established(dialog.state)) return base::Failure(base::Error::gone);
  const auto from = other(to);
  auto& extra = dialog.extra();
  auto& shift = from == Party::caller ? extra.caller_shift : extra.callee_shift;
  const auto cseq = shift.take_next(dialog.side(from).cseq);
  auto sent = send(dialog, to, content, cseq, std::move(answer));
  dialogs_.note_change(dialog);
  return sent;
}

base::Result<void> OwnRequests::send(const Dialog& dialog, Party to, const Content& content,
                                     std::uint32_t cseq, Answer answer) {
  const auto from = other(to);
  const auto from_text = fmt::format("<{}>;tag={}", dialog.uri(from), dialog.tag(from));
  const auto to_text = fmt::format("<{}>;tag={}", dialog.uri(to), dialog.tag(to));
  const auto& side = dialog.side(to);
  const auto routes = dialog.routes(to);
  transaction::UacOptions options;
  options.socket = side.socket;
  if (side.connection) {  // as a request of the other side would go
    const auto first = routes.empty() ? std::nullopt : parser::ValueList(routes).next();
    const auto hop = first ? parser::NameAddr::parse(*first) : base::Failure(base::Error::missing);
    const auto target = connected_target(hop ? hop->uri_text : dialog.contact(to),
                                         dialogs_.sockets(), side.socket, side.connection);
    if (target) options.flow = target->flow;
  }
  const auto sent = uac_.send({.method = content.method,
                               .uri = dialog.contact(to),
                               .route = routes,
                               .from = from_text,
                               .to = to_text,
                               .call_id = dialog.text(Dialog::call_id),
                               .cseq = cseq,
                               .headers = content.headers,
                               .content_type = content.content_type,
                               .body = content.body},
                              options, std::move(answer));
  if (!sent) return base::Failure(sent.error());
  return {};
}

/// Its number need not be remembered: nothing comes after it.
void OwnRequests::bye(const Dialog& dialog, Party to, Ending ending) {
  const auto from = other(to);
  const auto* const shift = dialog.shift(from);
  const auto cseq = dialog.side(from).cseq + (shift ? shift->amount() : 0) + 1;
  static_cast<void>(send(
      dialog, to, {.method = "BYE", .headers = reason_of(ending), .content_type = {}, .body = {}},
      cseq, [](const auto&) {}));
}

void OwnRequests::ping(Dialog& dialog, Party to) {
  if (dialog.pings_out & bit_of(to)) return;
  const auto answer = [this, id = dialog.id, to](const base::Ref<parser::Message>& response) {
    pinged(id, to, *response);
  };
  const auto sent = send(
      dialog, to, {.method = "OPTIONS", .headers = {}, .content_type = {}, .body = {}}, answer);
  if (sent) dialog.pings_out |= bit_of(to);
}

/// RFC 3261 12.2.1.2: after a 481 or 408 there is no dialog any more. What was made here says that
/// the side cannot be reached.
void OwnRequests::pinged(DialogId id, Party side, const parser::Message& response) {
  auto* const dialog = dialogs_.find(id);
  if (!dialog) return;
  dialog->pings_out &= static_cast<std::uint8_t>(~bit_of(side));
  const auto code = response.code();
  const bool is_gone = code == 408 || code == 481 || !response.source().peer;
  if (is_gone) static_cast<void>(dialogs_.end(*dialog, Ending::ping));
}

}  // namespace opensips::dialog
