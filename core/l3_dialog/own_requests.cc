#include "l3_dialog/own_requests.hh"

#include <memory>
#include <utility>

#include <fmt/format.h>

#include "l1_parser/name_addr.hh"
#include "l3_dialog/dialog_texts.hh"
#include "l3_dialog/dialogs.hh"
#include "l3_dialog/forward.hh"

namespace opensips::dialog {

namespace {

/// Pinging goes on only when the one before has been answered.
constexpr std::uint8_t bit_of(Party party) {
  return party == Party::caller ? 1 : 2;
}

}  // namespace

std::string_view reason_of(Ending ending) {
  switch (ending) {
    case Ending::lifetime: return "Reason: SIP;cause=480;text=\"Lifetime Over\"\r\n";
    case Ending::session: return "Reason: SIP;cause=408;text=\"Session Not Refreshed\"\r\n";
    case Ending::ping: return "Reason: SIP;cause=408;text=\"Other Side Gone\"\r\n";
    default: return {};
  }
}

std::string OwnRequests::refer_lines(const Dialog& dialog, Party to, std::string_view target) {
  const auto from = other(to);
  return fmt::format("Contact: <{}>\r\nRefer-To: <{}>\r\nReferred-By: <{}>\r\n",
                     dialog.contact(from), target, dialog.uri(from));
}

base::Result<void> OwnRequests::send(Dialog& dialog, Party to, const Content& content,
                                     Answer answer) {
  if (!is_established(dialog.state)) return base::Failure(base::Error::gone);
  const auto sent = send_next(dialog, to, content, std::move(answer));
  if (!sent) return base::Failure(sent.error());
  return {};
}

/// With the next number of the side that it goes out for.
OwnRequests::Sent OwnRequests::send_next(Dialog& dialog, Party to, const Content& content,
                                         Answer answer) {
  const auto from = other(to);
  auto& extra = dialog.extra();
  auto& shift = from == Party::caller ? extra.caller_shift : extra.callee_shift;
  const auto cseq = shift.take_next(dialog.side(from).cseq);
  auto sent = send(dialog, to, content, cseq, std::move(answer));
  dialogs_.note_change(dialog);
  return sent;
}

OwnRequests::Sent OwnRequests::send(const Dialog& dialog, Party to, const Content& content,
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
  } else if (side.seen) {
    const auto target = addressed_target(dialogs_.sockets(), side.socket, side.seen);
    if (target) options.flow = target->flow;
  }
  return uac_.send({.method = content.method,
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
  const bool by_invite = dialog.options.ping_by_invite && dialog.state == State::confirmed &&
                         !dialog.inviting && dialog.session_ends_at == 0 &&
                         !dialog.extra().session(other(to)).empty();
  const auto sent = by_invite ? reinvite(dialog, to) : options(dialog, to);
  if (sent) dialog.pings_out |= bit_of(to);
}

OwnRequests::Sent OwnRequests::options(Dialog& dialog, Party to) {
  const auto answer = [this, id = dialog.id, to](const base::Ref<parser::Message>& response) {
    pinged(id, to, *response);
  };
  return send_next(dialog, to, {.method = "OPTIONS", .headers = {}, .content_type = {}, .body = {}},
                   answer);
}

OwnRequests::Sent OwnRequests::reinvite(Dialog& dialog, Party to) {
  const auto request = std::make_shared<transaction::UacId>();  // known when it has been sent
  const auto answer = [this, id = dialog.id, to,
                       request](const base::Ref<parser::Message>& response) {
    if (response->code() < 300) uac_.acknowledge(*request, *response);
    pinged(id, to, *response);
  };
  const auto contact = fmt::format("Contact: <{}>\r\n", dialog.contact(other(to)));
  const auto session = dialog.extra().session(other(to));
  const auto sent = send_next(
      dialog, to,
      {.method = "INVITE", .headers = contact, .content_type = "application/sdp", .body = session},
      answer);
  if (sent) *request = *sent;
  return sent;
}

/// RFC 3261 12.2.1.2: after a 481 or 408 there is no dialog any more. What was made here says that
/// the side cannot be reached.
void OwnRequests::pinged(DialogId id, Party side, const parser::Message& response) {
  auto* const dialog = dialogs_.find(id);
  if (!dialog) return;
  dialog->pings_out &= static_cast<std::uint8_t>(~bit_of(side));
  const auto code = response.code();
  if (code < 300 && response.method() == parser::Method::invite) {  // RFC 3261 12.2.1.2
    const auto contact = contact_of(response);
    if (!contact.empty()) dialog->set_contact(side, contact);
  }
  const bool is_gone = code == 408 || code == 481 || !response.source().peer;
  if (is_gone) static_cast<void>(dialogs_.end(*dialog, Ending::ping));
}

}  // namespace opensips::dialog
