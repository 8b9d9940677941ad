// What passes inside dialogs, and sets them up.

#include <algorithm>
#include <charconv>
#include <utility>

#include "l1_parser/chars.hh"
#include "l1_parser/message_view.hh"
#include "l1_parser/name_addr.hh"
#include "l3_dialog/dialog_texts.hh"
#include "l3_dialog/dialogs.hh"

namespace opensips::dialog {

using parser::HeaderName;
using parser::Message;
using parser::Method;

namespace {

constexpr std::size_t kMostLegs = 32;  // of one INVITE; the others are not told from forged ones

/// The session description in a message as it goes on; empty if there is none.
std::string_view session_in(const Message& message, const parser::Draft& draft) {
  constexpr std::string_view kSdp = "application/sdp";
  const auto type = parser::header(message, "Content-Type").value_or("");
  if (!parser::chars::equal_fold(type.substr(0, kSdp.size()), kSdp)) return {};
  return draft.edits.has_body() ? draft.edits.body() : parser::effective_body(message);
}

bool refreshes(Method method) {
  return method == Method::invite || method == Method::update;
}

std::string_view digits_of(base::Arena& arena, std::uint32_t number) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  return arena.copy({digits, static_cast<std::size_t>(end - digits)});
}

void write_cseq(Message& message, parser::Draft& draft, std::uint32_t number) {
  auto& arena = message.arena();
  const auto place = message.find(HeaderName::cseq);
  draft.edits.replace(arena, place, "CSeq",
                      arena.concat({digits_of(arena, number), " ", message.cseq().method_text}));
}

/// RFC 3262 7.2: "RSeq CSeq Method" of what it acknowledges.
void write_rack(Message& prack, parser::Draft& draft, const CSeqShift& shift) {
  const auto place = prack.find(HeaderName::rack);
  if (place == prack.headers().size()) return;
  const auto value = prack.value(prack.headers()[place]);
  const auto begin = value.find_first_of(" \t") + 1;
  std::uint32_t number = 0;
  const auto end = std::from_chars(value.data() + begin, value.data() + value.size(), number).ptr;
  if (begin == 0 || end == value.data() + begin) return;
  auto& arena = prack.arena();
  const auto rest = value.substr(static_cast<std::size_t>(end - value.data()));
  draft.edits.replace(
      arena, place, "RAck",
      arena.concat({value.substr(0, begin), digits_of(arena, shift.forth(number)), rest}));
}

Dialog::EarlyLeg* leg_of(const Dialog& dialog, std::string_view tag) {
  if (!dialog.setup) return nullptr;
  const auto found = std::ranges::find(dialog.setup->legs, tag, &Dialog::EarlyLeg::tag);
  return found == dialog.setup->legs.end() ? nullptr : &*found;
}

/// Whose request it is, or is an answer to.
Party asker_of(const Message& message, const Dialog& dialog) {
  return message.from().tag == dialog.tag(Party::caller) ? Party::caller : Party::callee;
}

/// The one among those of the INVITE that this callee is in.
Dialog* with_callee(Dialog* first, std::string_view tag) {
  for (auto* one = first; one; one = one->next) {
    if (one->setup ? leg_of(*one, tag) != nullptr : one->tag(Party::callee) == tag) return one;
  }
  return nullptr;
}

/// The next hop behind us, as a Route gives it, is the one that the dialog was set up through.
bool is_known_way(const Dialog& dialog, Party to, std::string_view next) {
  const auto routes = dialog.routes(to);
  if (routes.empty() || next.empty()) return routes.empty() == next.empty();
  const auto first = parser::NameAddr::parse(*parser::ValueList(routes).next());
  return first && is_same_place(first->uri_text, next);
}

/// The Request-URI is where the other side has said that it is, or is about to be.
bool is_known_target(const Dialog& dialog, Party to, std::string_view uri) {
  const auto contact = dialog.contact(to);
  if (contact.empty() || is_same_place(contact, uri)) return true;
  if (!dialog.extras) return false;
  const auto& extras = *dialog.extras;
  return is_same_place(to == Party::caller ? extras.caller_target : extras.callee_target, uri);
}

/// RFC 3261 12.2.2, for both sides: what to refuse it with. What has ended is theirs to refuse.
unsigned check(const Dialog& dialog, Party from, const Message& request, const RouteSet& routes) {
  if (dialog.state == State::ended) return 0;
  const auto tag = from == Party::caller ? request.to().tag : request.from().tag;
  const auto* const leg = leg_of(dialog, tag);
  const auto last = leg && from == Party::callee ? leg->cseq : dialog.side(from).cseq;
  if (request.method() != Method::ack && request.cseq().number < last) return 500;
  if (leg) return 0;  // its way is known when it has answered
  const auto to = other(from);
  const auto uri = routes.request_uri.empty() ? request.uri().text : routes.request_uri;
  if (!is_known_way(dialog, to, routes.next) || !is_known_target(dialog, to, uri)) return 403;
  const auto wish = session_wish(dialog.options);
  return refreshes(request.method()) && is_session_too_short(request, wish) ? 422 : 0;
}

}  // namespace

Dialog* Dialogs::of(const Message& request) const {
  return table_.find(request.call_id(), request.from().tag);
}

/// The first of those that a request, or the answer to it, may be inside of.
Dialog* Dialogs::around(const Message& message) const {
  auto* const first = of(message);
  return first ? first : table_.find(message.call_id(), message.to().tag);
}

Dialogs::Passage Dialogs::locate(const Message& request) const {
  Passage passage;
  auto* const first = around(request);
  if (!first) return passage;
  passage.from = asker_of(request, *first);
  const bool from_caller = passage.from == Party::caller;
  passage.dialog = with_callee(first, from_caller ? request.to().tag : request.from().tag);
  if (!passage.dialog) passage.refusal = 481;
  return passage;
}

Dialogs::Passage Dialogs::pass(const Message& request, const RouteSet& routes,
                               loop::ServerId server) {
  auto passage = locate(request);
  if (passage.dialog) {
    transactions_.set_dialog_key(server, passage.dialog->key);
    passage.refusal = check(*passage.dialog, passage.from, request, routes);
  }
  switch (passage.refusal) {
    case 481: context_.stats.add(counters_.wrong_tag); break;
    case 500: context_.stats.add(counters_.old_cseq); break;
    case 403: context_.stats.add(counters_.wrong_way); break;
    case 422: context_.stats.add(counters_.short_session); break;
    default: break;
  }
  return passage;
}

void Dialogs::send_on(const Passage& passage, Message& request, parser::Draft& draft) {
  if (!passage.dialog) return;
  auto& dialog = *passage.dialog;
  const auto method = request.method();
  if (const auto* const shift = dialog.shift(passage.from)) {
    write_cseq(request, draft, shift->forth(request.cseq().number));
    if (method == Method::prack) write_rack(request, draft, *shift);
  }
  if (dialog.state == State::ended) return;
  if (refreshes(method)) {
    dialog.session_asked = ask_for_session(request, draft, session_wish(dialog.options));
    dialog.asker_refreshes = supports_timer(request);
  }
  if (method == Method::invite) dialog.inviting = true;
  note_offer(dialog, passage.from, request, draft);
  passed(passage, request);
}

/// A request goes on that may offer another session, or the ACK that answers an offer.
void Dialogs::note_offer(Dialog& dialog, Party from, const Message& request,
                         const parser::Draft& draft) {
  const bool is_ack = request.method() == Method::ack;
  if (!dialog.options.ping_by_invite || !(is_ack || refreshes(request.method()))) return;
  const auto session = session_in(request, draft);
  if (session.empty()) return;
  auto& extra = dialog.extra();
  (is_ack ? extra.session(from) : extra.offer(from)) = session;
}

/// A 2xx goes on, to a request that may have offered one.
void Dialogs::note_answer(Dialog& dialog, Party asker, const Message& response,
                          const parser::Draft& draft) {
  if (!dialog.options.ping_by_invite) return;
  auto& extra = dialog.extra();
  auto offered = std::exchange(extra.offer(asker), {});
  if (!offered.empty()) extra.session(asker) = std::move(offered);
  const auto session = session_in(response, draft);
  const auto* const leg = leg_of(dialog, response.to().tag);
  if (!session.empty()) {
    extra.session(other(asker)) = session;
  } else if (leg && !leg->session.empty()) {  // RFC 3262 5: it was in a provisional response
    extra.session(other(asker)) = leg->session;
  }
}

void Dialogs::passed(const Passage& passage, const Message& request) {
  auto& dialog = *passage.dialog;
  const auto from = passage.from;
  if (request.method() == Method::ack) {
    if (dialog.state == State::unacknowledged && from == Party::caller) {
      move(dialog, State::confirmed);
      note_change(dialog);
    }
    return;
  }
  const bool of_callee = from == Party::callee;
  auto* const leg = of_callee ? leg_of(dialog, request.from().tag) : nullptr;
  auto& last = leg ? leg->cseq : dialog.side(from).cseq;
  last = std::max(last, request.cseq().number);
  auto& side = dialog.side(from);
  side.connection = request.source().connection;
  side.socket = request.source().socket;
  if (side.seen) side.seen = request.source().peer;
  if (!is_established(dialog.state)) return;
  if (request.method() == Method::bye) {
    return finish(dialog, of_callee ? Ending::callee : Ending::caller);
  }
  if (refreshes(request.method())) {
    const auto contact = contact_of(request);
    if (!contact.empty() && contact != dialog.contact(from)) {
      dialog.extra().target(from) = contact;
    }
  }
  note_change(dialog);
}

void Dialogs::set_up(Message& invite, parser::Draft& draft, loop::ServerId server) {
  const auto key = transactions_.dialog_key(server);
  auto* const dialog = key ? table_.find_key(key) : of(invite);
  if (!dialog || !dialog->setup) return;
  const auto& source = invite.source();
  const bool by_udp = source.transport == base::Transport::udp;
  if (draft.source_behind_nat && by_udp) dialog->caller.seen = source.peer;
  dialog->session_asked = ask_for_session(invite, draft, session_wish(dialog->options));
  dialog->asker_refreshes = supports_timer(invite);
  note_offer(*dialog, Party::caller, invite, draft);
}

void Dialogs::answer(Message& message, parser::Draft& draft, loop::ServerId server) {
  const bool ours = draft.kind == parser::Draft::Kind::reply;
  const auto key = transactions_.dialog_key(server);
  if (!key && ours) return;  // nobody has made a dialog for it
  auto* const first = key ? table_.find_key(key) : around(message);
  if (!first) return;
  const auto asker = asker_of(message, *first);
  const bool of_caller = asker == Party::caller;
  bool is_answered = true;
  for (auto* one = first; of_caller && one; one = one->next) {
    if (one->setup && one->setup->server == server) return set_up_answer(*one, message, draft);
    is_answered = is_answered && !one->setup;
  }
  if (ours) return;
  const auto tag = of_caller ? message.to().tag : message.from().tag;
  if (auto* const dialog = with_callee(first, tag)) {
    return inside_answer(*dialog, asker, message, draft);
  }
  // A second callee takes the call. One that is not answered yet went through here twice (a
  // spiral).
  const bool success = message.code() >= 200 && message.code() < 300;
  const bool takes_call = of_caller && success && message.method() == Method::invite;
  if (!takes_call || !is_answered || tag.empty()) return;
  auto& dialog = fork_of(*first);
  note_answer(dialog, asker, message, draft);
  answered(dialog, message);
  settle(dialog, asker, message, draft);
  establish(dialog);
}

/// An answer to the INVITE that sets it up.
void Dialogs::set_up_answer(Dialog& dialog, Message& message, parser::Draft& draft) {
  const bool ours = draft.kind == parser::Draft::Kind::reply;
  const unsigned code = ours ? draft.code : message.code();
  if (code < 200) {
    const bool may_answer_offer = !ours && dialog.options.ping_by_invite;
    return provisional(dialog, ours ? draft.to_tag : message.to().tag,
                       may_answer_offer ? session_in(message, draft) : std::string_view());
  }
  // The program itself is no side that could be called back.
  if (code >= 300 || ours) return fail(dialog);
  const auto called_off = dialog.setup->called_off;
  note_answer(dialog, Party::caller, message, draft);
  answered(dialog, message);
  settle(dialog, Party::caller, message, draft);
  establish(dialog);
  if (called_off == Ending::none) return;
  context_.defer([this, id = dialog.id, called_off] {  // behind the answer that crossed the CANCEL
    if (auto* const late = find(id)) static_cast<void>(end(*late, called_off));
  });
}

void Dialogs::provisional(Dialog& dialog, std::string_view tag, std::string_view session) {
  if (tag.empty()) return;
  auto& legs = dialog.setup->legs;
  if (!leg_of(dialog, tag) && legs.size() < kMostLegs) legs.push_back({std::string(tag), 0});
  auto* const leg = leg_of(dialog, tag);
  if (leg && !session.empty()) leg->session = session;
  if (dialog.state == State::unconfirmed) move(dialog, State::early);
}

/// The callee has taken the call: what it says of itself, and which way it is to be reached.
void Dialogs::answered(Dialog& dialog, const Message& response) {
  const auto side = callee_side(response);
  auto texts = dialog.texts.all();
  texts[Dialog::callee_tag] = response.to().tag;
  texts[Dialog::callee_contact] = contact_of(response);
  texts[Dialog::callee_routes] = side.routes;
  if (const auto* const leg = leg_of(dialog, response.to().tag)) dialog.callee.cseq = leg->cseq;
  dialog.texts = Dialog::Texts(texts);
  const auto& source = response.source();
  const bool by_udp = source.transport == base::Transport::udp;
  dialog.callee.connection = source.connection;
  dialog.callee.socket = source.socket;
  if (by_udp && side.has_way) dialog.callee.seen = source.peer;
}

void Dialogs::inside_answer(Dialog& dialog, Party asker, Message& response, parser::Draft& draft) {
  if (const auto* const shift = dialog.shift(asker)) {
    write_cseq(response, draft, shift->back(response.cseq().number));
  }
  const auto code = response.code();
  if (code < 200 || dialog.setup || !is_established(dialog.state)) return;
  if (!refreshes(response.method())) return;
  if (response.method() == Method::invite) dialog.inviting = false;
  const bool success = code < 300;
  if (dialog.extras) {
    auto& asked = dialog.extras->target(asker);
    if (success && !asked.empty()) dialog.set_contact(asker, asked);
    asked.clear();
    if (!success) dialog.extras->offer(asker).clear();
  }
  if (!success) return;
  note_answer(dialog, asker, response, draft);
  const auto contact = contact_of(response);
  if (!contact.empty()) dialog.set_contact(other(asker), contact);
  settle(dialog, asker, response, draft);
  note_change(dialog);
}

/// When the session has to be refreshed next.
void Dialogs::settle(Dialog& dialog, Party, Message& response, parser::Draft& draft) {
  const auto seconds =
      settle_session(response, draft, dialog.session_asked, dialog.asker_refreshes);
  dialog.session_ends_at = seconds == 0 ? 0 : context_.now() + std::uint64_t{seconds} * 1000;
  if (!dialog.setup) arm(dialog);
}

}  // namespace opensips::dialog
