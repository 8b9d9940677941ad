#include "l3_dialog/dialogs.hh"

#include <algorithm>
#include <utility>

#include "l1_parser/contact.hh"
#include "l3_dialog/dialog_texts.hh"

namespace opensips::dialog {

namespace {

/// How often it is looked whether the INVITE's transaction has ended unseen.
constexpr std::uint64_t kSetupCheck = 5000;
/// How long one that has ended renumbers what is still under way: 64*T1.
constexpr std::uint64_t kLinger = 32'000;

/// Takes out one that has ended. Not at once: who was told of its end may look at it first, and pin
/// it.
auto forgetting(DialogTable& table, DialogId id) {
  return [&table, id] {
    const auto* const ended = table.find(id);
    if (ended && ended->pins == 0) table.erase(id);
  };
}

std::uint64_t earliest(std::uint64_t a, std::uint64_t b) {  // 0: never
  if (a == 0 || b == 0) return std::max(a, b);
  return std::min(a, b);
}

}  // namespace

Dialogs::Counters::Counters(base::Stats& stats)
    : active(stats.gauge("dialog:active_dialogs")),
      early(stats.gauge("dialog:early_dialogs")),
      processed(stats.counter("dialog:processed_dialogs")),
      expired(stats.counter("dialog:expired_dialogs")),
      failed(stats.counter("dialog:failed_dialogs")),
      wrong_tag(stats.counter("dialog:wrong_tags")),
      old_cseq(stats.counter("dialog:old_cseqs")),
      wrong_way(stats.counter("dialog:wrong_ways")),
      short_session(stats.counter("dialog:short_sessions")) {}

Dialogs::Dialogs(loop::Context& context, transaction::TransactionLayer& transactions,
                 transaction::Uac& uac, const transport::Sockets& sockets, Profiles& profiles,
                 const DialogSettings& settings)
    : context_(context),
      transactions_(transactions),
      sockets_(sockets),
      profiles_(profiles),
      settings_(settings),
      table_(context.worker(), context.epoch()),
      own_requests_(*this, uac),
      counters_(context.statistics) {}

Dialogs::~Dialogs() = default;

base::Result<DialogId> Dialogs::create(const parser::Message& invite, loop::ServerId server,
                                       const DialogOptions& options) {
  const bool begins = invite.method() == parser::Method::invite && invite.to().tag.empty();
  if (!begins || invite.from().tag.empty()) return base::Failure(base::Error::unsupported);
  const auto key = table_.key_of(invite.call_id(), invite.from().tag);
  transactions_.set_dialog_key(server, key);
  for (auto* known = table_.find_key(key); known; known = known->next) {
    if (known->state == State::ended) continue;
    if (!known->setup) return base::Failure(base::Error::refused);
    known->options = options;
    return known->id;
  }
  if (transactions_.is_final(server)) return base::Failure(base::Error::gone);

  auto& dialog = table_.make(*this);
  dialog.setup = std::make_unique<Dialog::Setup>();
  dialog.setup->server = server;
  dialog.options = options;
  dialog.texts = texts_of(invite);
  dialog.caller = {.connection = invite.source().connection,
                   .cseq = invite.cseq().number,
                   .socket = invite.source().socket};
  dialog.started = settings_.wall_ms() / 1000;
  table_.insert(dialog, key);
  context_.stats.add(counters_.processed);
  arm(dialog);
  context_.bus.publish(StateChanged{dialog.id, dialog.state, dialog.state, Ending::none});
  return dialog.id;
}

/// Another callee has answered the same INVITE with a 2xx (RFC 3261 13.2.2.4).
Dialog& Dialogs::fork_of(const Dialog& first) {
  auto& dialog = table_.make(*this);
  dialog.options = first.options;
  dialog.texts = Dialog::Texts(first.texts.all());
  dialog.caller = first.caller;
  dialog.session_asked = first.session_asked;
  dialog.asker_refreshes = first.asker_refreshes;
  table_.insert(dialog, first.key);
  context_.stats.add(counters_.processed);
  context_.bus.publish(StateChanged{dialog.id, dialog.state, dialog.state, Ending::none});
  if (!first.extras) return dialog;
  dialog.extra().vars = first.extras->vars;
  dialog.extra().caller_session = first.extras->caller_session;
  for (const auto& [name, value] : first.extras->profiles) {
    static_cast<void>(set_profile(dialog, name, value));
  }
  return dialog;
}

bool Dialogs::restore(const DialogSnapshot& from, std::int64_t wall_ms) {
  const auto is_past = [&](std::int64_t at) { return at != 0 && at * 1000 <= wall_ms; };
  const auto ends_at = [&](std::int64_t at) {
    return at == 0 ? 0 : context_.now() + static_cast<std::uint64_t>(at * 1000 - wall_ms);
  };
  if (!is_established(from.state) || is_past(from.life_ends)) return false;
  auto& dialog = table_.make(*this);
  dialog.did = from.did;
  dialog.state = from.state;
  dialog.options = from.options;
  dialog.texts = texts_of(from);
  dialog.started = from.started;
  dialog.established_at = context_.now();
  dialog.life_ends_at = ends_at(from.life_ends);
  // One that ran out while nobody could refresh it gets a moment for that.
  dialog.session_ends_at =
      is_past(from.session_ends) ? context_.now() + kLinger : ends_at(from.session_ends);
  if (from.options.ping_interval) dialog.ping_at = context_.now() + from.options.ping_interval;
  for (const auto party : {Party::caller, Party::callee}) {
    const auto& side = party == Party::caller ? from.caller : from.callee;
    dialog.side(party).cseq = side.cseq;
    dialog.side(party).socket = socket_named(side.socket, sockets_);
    dialog.side(party).seen =
        base::Address::parse_host_port(side.seen, 0).value_or(base::Address());
    if (side.sent <= side.cseq) continue;
    auto& extra = dialog.extra();
    (party == Party::caller ? extra.caller_shift : extra.callee_shift)
        .restore(side.cseq, side.sent - side.cseq);
  }
  if (!from.vars.empty()) dialog.extra().vars = from.vars;
  table_.insert(dialog,
                table_.key_of(dialog.text(Dialog::call_id), dialog.text(Dialog::caller_tag)));
  count(State::unconfirmed, dialog.state);
  for (const auto& [name, value] : from.profiles) {
    static_cast<void>(set_profile(dialog, name, value));
  }
  arm(dialog);
  return true;
}

void Dialogs::timer_fired(Dialog& dialog) {
  const auto now = context_.now();
  const auto due = [now](std::uint64_t at) { return at != 0 && at <= now; };
  if (dialog.state == State::ended) return let_go(dialog);
  if (dialog.setup) {
    if (transactions_.is_final(dialog.setup->server)) return fail(dialog);
    return arm(dialog);
  }
  if (due(dialog.life_ends_at)) return static_cast<void>(end(dialog, Ending::lifetime));
  if (due(dialog.session_ends_at)) return static_cast<void>(end(dialog, Ending::session));
  if (due(dialog.ping_at)) {
    dialog.ping_at = now + dialog.options.ping_interval;
    if (dialog.options.ping_caller) own_requests_.ping(dialog, Party::caller);
    if (dialog.options.ping_callee) own_requests_.ping(dialog, Party::callee);
  }
  arm(dialog);
}

void Dialogs::arm(Dialog& dialog) {
  if (dialog.setup) return context_.timers.arm(dialog.timer, kSetupCheck);
  const auto next = earliest(earliest(dialog.life_ends_at, dialog.session_ends_at), dialog.ping_at);
  if (next == 0) return dialog.timer.cancel();
  context_.timers.arm(dialog.timer, next > context_.now() ? next - context_.now() : 0);
}

void Dialogs::count(State before, State after) {
  const auto gauge = [&](State state) -> const base::Counter* {
    if (state == State::early) return &counters_.early;
    return is_established(state) ? &counters_.active : nullptr;
  };
  if (const auto* const left = gauge(before)) context_.stats.subtract(*left);
  if (const auto* const entered = gauge(after)) context_.stats.add(*entered);
}

void Dialogs::move(Dialog& dialog, State to, Ending ending) {
  const auto before = std::exchange(dialog.state, to);
  dialog.ending = ending;
  count(before, to);
  context_.bus.publish(StateChanged{dialog.id, before, to, ending});
}

void Dialogs::establish(Dialog& dialog) {
  const auto& options = dialog.options;
  dialog.setup.reset();
  dialog.started = settings_.wall_ms() / 1000;
  dialog.established_at = context_.now();
  if (options.lifetime != 0) dialog.life_ends_at = context_.now() + options.lifetime;
  if (options.ping_interval != 0) dialog.ping_at = context_.now() + options.ping_interval;
  arm(dialog);
  if (store_) store_->changed(dialog, Change::established);
  move(dialog, State::unacknowledged);
}

base::Result<void> Dialogs::end(Dialog& dialog, Ending ending) {
  if (dialog.state == State::ended) return base::Failure(base::Error::gone);
  if (dialog.setup) return call_off(dialog, ending);
  own_requests_.bye(dialog, Party::caller, ending);
  own_requests_.bye(dialog, Party::callee, ending);
  finish(dialog, ending);
  return {};
}

/// It has not been answered. Whoever asks may be in the middle of a message of its transaction.
base::Result<void> Dialogs::call_off(Dialog& dialog, Ending ending) {
  auto& setup = *dialog.setup;
  if (setup.called_off != Ending::none) return base::Failure(base::Error::gone);
  setup.called_off = ending;
  context_.defer([this, server = setup.server, reason = std::string(reason_of(ending))] {
    transactions_.cancel(server, reason);
  });
  return {};
}

/// Nobody has answered, and nobody will.
void Dialogs::fail(Dialog& dialog) {
  const auto called_off = dialog.setup->called_off;
  finish(dialog, called_off == Ending::none ? Ending::failed : called_off);
}

/// It is over; who has to know it from us does.
void Dialogs::finish(Dialog& dialog, Ending ending) {
  const bool stood = is_established(dialog.state);
  if (!stood) context_.stats.add(counters_.failed);
  if (ending == Ending::lifetime) context_.stats.add(counters_.expired);
  dialog.setup.reset();
  dialog.timer.cancel();
  if (dialog.extras) {
    for (const auto& [name, value] : dialog.extras->profiles) profiles_.subtract(name, value);
  }
  move(dialog, State::ended, ending);
  if (stood && store_) store_->changed(dialog, Change::ended);
  const bool renumbers = dialog.shift(Party::caller) || dialog.shift(Party::callee);
  if (renumbers || has_twin(dialog)) return context_.timers.arm(dialog.timer, kLinger);
  let_go(dialog);
}

/// Another callee answered the same INVITE: while that dialog is found, a late copy of the answer
/// to this one must find it too, or it would be taken for a third.
bool Dialogs::has_twin(const Dialog& dialog) const {
  return dialog.next || table_.find_key(dialog.key) != &dialog;
}

void Dialogs::let_go(Dialog& dialog) {
  table_.remove(dialog);
  dialog.over = true;
  context_.defer(forgetting(table_, dialog.id));
}

void Dialogs::unpin(DialogId id) {
  auto* const dialog = table_.find(id);
  if (!dialog) return;
  --dialog->pins;
  if (dialog->over && dialog->pins == 0) context_.defer(forgetting(table_, id));
}

void Dialogs::note_change(const Dialog& dialog) {
  if (store_ && is_established(dialog.state)) store_->changed(dialog, Change::updated);
}

void Dialogs::set_lifetime(Dialog& dialog, std::uint64_t ms) {
  dialog.options.lifetime = ms;
  if (dialog.setup || dialog.state == State::ended) return;
  dialog.life_ends_at = ms == 0 ? 0 : context_.now() + ms;
  arm(dialog);
  note_change(dialog);
}

}  // namespace opensips::dialog
