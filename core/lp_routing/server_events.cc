#include "lp_routing/server_events.hh"

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/clock.hh"
#include "l0_transport/events.hh"
#include "l3_dialog/events.hh"
#include "loop/events.hh"

namespace opensips::routing {
namespace {

using manage::Event;
using manage::EventParameter;
using manage::Events;
using manage::EventType;
using manage::EventValue;

/// A kind of event: its row, and how each field is read from what happened.
template <class Happened>
struct Field {
  EventParameter row;
  EventValue (*read)(const Happened& what);
};

std::string text(std::string_view text) {
  return std::string(text);
}
std::int64_t number(std::uint64_t number) {
  return static_cast<std::int64_t>(number);
}

/// With what the event itself only names.
struct DialogChange {
  const dialog::StateChanged& event;
  const dialog::Dialog& dialog;
};
struct ConnectionChange {
  const base::Flow& flow;
  const transport::Sockets& sockets;
  std::string_view why;

  base::Address ours() const { return sockets.at(flow.socket).address; }
};

constexpr Field<DialogChange> kDialogState[] = {
    {{"id", "string", "as dlg_list has it"},
     [](const DialogChange& what) -> EventValue { return std::to_string(what.dialog.did); }},
    {{"callid", "string", "its Call-ID"},
     [](const DialogChange& what) -> EventValue {
       return text(what.dialog.text(dialog::Dialog::call_id));
     }},
    {{"from_tag", "string", "the caller's tag"},
     [](const DialogChange& what) -> EventValue {
       return text(what.dialog.tag(dialog::Party::caller));
     }},
    {{"to_tag", "string", "the callee's tag; empty before there is one"},
     [](const DialogChange& what) -> EventValue {
       return text(what.dialog.tag(dialog::Party::callee));
     }},
    {{"old_state", "string", "the same as new_state when the dialog was just made"},
     [](const DialogChange& what) -> EventValue { return text(to_string(what.event.before)); }},
    {{"new_state", "string", "as sip.on_dialog has it"},
     [](const DialogChange& what) -> EventValue { return text(to_string(what.event.after)); }},
    {{"reason", "string",
      "why it has ended: \"failed\", \"caller\", \"callee\", \"lifetime\", \"session\", \"ping\", "
      "\"command\" or \"script\"; else empty"},
     [](const DialogChange& what) -> EventValue { return text(to_string(what.event.ending)); }},
};

constexpr Field<loop::SourceLimited> kPikeBlocked[] = {
    {{"ip", "string", "the source: an address, or the /64 of an IPv6 one"},
     [](const loop::SourceLimited& what) -> EventValue { return what.source; }},
};

constexpr EventValue (*kSourceAddress)(const ConnectionChange&) =
    [](const ConnectionChange& what) -> EventValue { return what.flow.peer.bare_host(); };
constexpr EventValue (*kSourcePort)(const ConnectionChange&) =
    [](const ConnectionChange& what) -> EventValue { return number(what.flow.peer.port()); };
constexpr EventValue (*kOurAddress)(const ConnectionChange&) =
    [](const ConnectionChange& what) -> EventValue { return what.ours().bare_host(); };
constexpr EventValue (*kOurPort)(const ConnectionChange&) =
    [](const ConnectionChange& what) -> EventValue { return number(what.ours().port()); };
constexpr EventValue (*kTransport)(const ConnectionChange&) =
    [](const ConnectionChange& what) -> EventValue {
  return text(base::name_of(what.flow.transport));
};

constexpr Field<ConnectionChange> kConnected[] = {
    {{"src_ip", "string", "the peer's address"}, kSourceAddress},
    {{"src_port", "integer", "and its port"}, kSourcePort},
    {{"dst_ip", "string", "the address of ours"}, kOurAddress},
    {{"dst_port", "integer", "and its port"}, kOurPort},
    {{"proto", "string", "\"tcp\", \"tls\", \"ws\", \"wss\" or \"sctp\""}, kTransport},
};
constexpr Field<ConnectionChange> kDisconnected[] = {
    {{"src_ip", "string", "the peer's address"}, kSourceAddress},
    {{"src_port", "integer", "and its port"}, kSourcePort},
    {{"dst_ip", "string", "the address of ours"}, kOurAddress},
    {{"dst_port", "integer", "and its port"}, kOurPort},
    {{"proto", "string", "\"tcp\", \"tls\", \"ws\", \"wss\" or \"sctp\""}, kTransport},
    {{"reason", "string", "as the statistics of connections call it: \"closed_by_peer\", …"},
     [](const ConnectionChange& what) -> EventValue { return text(what.why); }},
};

constexpr Field<location::LocationEvent> kAor[] = {
    {{"aor", "string", "the address of record, as usrloc:dump has it"},
     [](const location::LocationEvent& what) -> EventValue { return text(what.aor); }},
};
constexpr Field<location::LocationEvent> kContact[] = {
    kAor[0],
    {{"uri", "string", "the contact's URI"},
     [](const location::LocationEvent& what) -> EventValue {
       return text(what.binding->contact());
     }},
    {{"received", "string", "where its REGISTER came from: address and port"},
     [](const location::LocationEvent& what) -> EventValue {
       return what.binding->received().peer.to_string();
     }},
    {{"proto", "string", "how it came: \"udp\", \"tcp\", …"},
     [](const location::LocationEvent& what) -> EventValue {
       return text(base::name_of(what.binding->received().transport));
     }},
    {{"q", "integer", "its q in thousandths"},
     [](const location::LocationEvent& what) -> EventValue { return number(what.binding->q()); }},
    {{"expires", "integer", "the seconds that it has left"},
     [](const location::LocationEvent& what) -> EventValue {
       return number(what.binding->remaining(base::monotonic_ms()));
     }},
    {{"callid", "string", "the Call-ID of its REGISTER"},
     [](const location::LocationEvent& what) -> EventValue {
       return text(what.binding->call_id());
     }},
    {{"cseq", "integer", "and its CSeq"},
     [](const location::LocationEvent& what) -> EventValue {
       return number(what.binding->cseq());
     }},
    {{"user_agent", "string", "what the client calls itself"},
     [](const location::LocationEvent& what) -> EventValue {
       return text(what.binding->user_agent());
     }},
};

constexpr EventParameter kReloaded[] = {
    {"what", "string", "the command's name up to the colon: \"script\", \"tls_mgm\""},
};

/// The rows of the fields alone.
template <class Happened, std::size_t kCount>
constexpr auto rows_of(const Field<Happened> (&fields)[kCount]) {
  std::array<EventParameter, kCount> rows{};
  for (std::size_t i = 0; i < kCount; ++i) rows[i] = fields[i].row;
  return rows;
}
constexpr auto kAorRows = rows_of(kAor);
constexpr auto kContactRows = rows_of(kContact);
constexpr auto kDialogStateRows = rows_of(kDialogState);
constexpr auto kPikeBlockedRows = rows_of(kPikeBlocked);
constexpr auto kConnectedRows = rows_of(kConnected);
constexpr auto kDisconnectedRows = rows_of(kDisconnected);

constexpr EventType kTypes[] = {
    {"E_CORE_RELOADED",
     "A command has read something anew: the routing script, certificates, or what a module has.",
     kReloaded},
    {"E_CORE_TCP_CONNECT",
     "A connection stands: TCP, TLS, SCTP or WebSocket, accepted or opened by the server.",
     kConnectedRows},
    {"E_CORE_TCP_DISCONNECT", "A connection has ended, or could not be opened.", kDisconnectedRows},
    {"E_DLG_STATE_CHANGED", "A dialog was made, or has passed to another state.", kDialogStateRows},
    {"E_PIKE_BLOCKED",
     "A source sends more than source_limit allows, and what is more is dropped. Said again every "
     "ten seconds while it goes on.",
     kPikeBlockedRows},
    {"E_UL_AOR_DELETE", "An AoR has no contacts any more.", kAorRows},
    {"E_UL_AOR_INSERT", "An AoR has its first contact.", kAorRows},
    {"E_UL_CONTACT_DELETE", "A contact was taken away, by its client or by an operator.",
     kContactRows},
    {"E_UL_CONTACT_EXPIRE", "A contact was not refreshed in time.", kContactRows},
    {"E_UL_CONTACT_INSERT", "A contact was registered.", kContactRows},
    {"E_UL_CONTACT_UPDATE", "A contact was refreshed, or has changed.", kContactRows},
};

/// Makes the events of one kind.
template <class Happened>
class Publisher {
 public:
  Publisher(Events& events, std::string_view name, std::span<const Field<Happened>> fields)
      : events_(events), topic_(*events.topic(name)), name_(name), fields_(fields) {}

  bool is_wanted() const { return Events::is_wanted(topic_); }
  void publish(unsigned where, const Happened& what) const {
    Event event{std::string(name_), {}};
    event.fields.reserve(fields_.size());
    for (const auto& field : fields_) {
      event.fields.push_back({std::string(field.row.name), field.read(what)});
    }
    events_.raise(topic_, where, std::make_shared<const Event>(std::move(event)));
  }

 private:
  Events& events_;
  const Events::Topic& topic_;
  std::string_view name_;
  std::span<const Field<Happened>> fields_;
};

}  // namespace

std::span<const EventType> core_event_types() {
  return kTypes;
}

const manage::EventTypes& core_events() {
  static const manage::EventTypes types = [] {
    manage::EventTypes made;
    made.add(kTypes);
    return made;
  }();
  return types;
}

void publish_server_events(loop::Context& context, Events& events, const dialog::Dialogs& dialogs,
                           const transport::Sockets& sockets) {
  auto& bus = context.bus;
  const unsigned here = context.worker();
  bus.subscribe<dialog::StateChanged>(
      [to = Publisher<DialogChange>(events, "E_DLG_STATE_CHANGED", kDialogState), here,
       &dialogs](const dialog::StateChanged& event) {
        if (!to.is_wanted()) return;
        if (const auto* const dialog = dialogs.find(event.id)) to.publish(here, {event, *dialog});
      });
  bus.subscribe<loop::SourceLimited>(
      [to = Publisher<loop::SourceLimited>(events, "E_PIKE_BLOCKED", kPikeBlocked),
       here](const loop::SourceLimited& event) {
        if (to.is_wanted()) to.publish(here, event);
      });
  bus.subscribe<transport::ConnectionOpened>(
      [to = Publisher<ConnectionChange>(events, "E_CORE_TCP_CONNECT", kConnected), here,
       &sockets](const transport::ConnectionOpened& event) {
        if (to.is_wanted()) to.publish(here, {event.flow, sockets, {}});
      });
  bus.subscribe<transport::ConnectionEnded>(
      [to = Publisher<ConnectionChange>(events, "E_CORE_TCP_DISCONNECT", kDisconnected), here,
       &sockets](const transport::ConnectionEnded& event) {
        if (to.is_wanted()) to.publish(here, {event.flow, sockets, event.why});
      });
}

void publish_location_events(location::AorTable& locations, Events& events, unsigned workers) {
  using Kind = location::LocationEvent::Kind;
  using To = Publisher<location::LocationEvent>;
  std::map<Kind, To> kinds{
      {Kind::aor_insert, To(events, "E_UL_AOR_INSERT", kAor)},
      {Kind::aor_delete, To(events, "E_UL_AOR_DELETE", kAor)},
      {Kind::contact_insert, To(events, "E_UL_CONTACT_INSERT", kContact)},
      {Kind::contact_update, To(events, "E_UL_CONTACT_UPDATE", kContact)},
      {Kind::contact_delete, To(events, "E_UL_CONTACT_DELETE", kContact)},
      {Kind::contact_expire, To(events, "E_UL_CONTACT_EXPIRE", kContact)},
  };
  locations.listen([kinds = std::move(kinds), workers](const location::LocationEvent& event) {
    const To& to = kinds.at(event.kind);
    // What comes out of the database has not happened now.
    if (event.origin == location::Origin::restored || !to.is_wanted()) return;
    to.publish(static_cast<unsigned>(std::hash<std::string_view>()(event.aor) % workers), event);
  });
}

}  // namespace opensips::routing
