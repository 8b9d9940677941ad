#pragma once

#include <span>

#include "l0_transport/sockets.hh"
#include "l3_dialog/dialogs.hh"
#include "l6_location/aor_table.hh"
#include "loop/context.hh"
#include "manage/events.hh"

namespace opensips::routing {

/// The kinds of events that the layers make; modules bring more.
std::span<const manage::EventType> core_event_types();

/// The same as a table, for programs that are checked without a server.
const manage::EventTypes& core_events();

/// Makes events of what the layers of one worker tell each other on its bus: a subscription for
/// each kind, which does nothing while nobody listens. Before the bus starts; all outlive it.
void publish_server_events(loop::Context& context, manage::Events& events,
                           const dialog::Dialogs& dialogs, const transport::Sockets& sockets);

/// The same for what happens to registrations, which belongs to no worker: all events of an AoR
/// come to the same one of so many. Before any other thread has the table.
void publish_location_events(location::AorTable& locations, manage::Events& events,
                             unsigned workers);

}  // namespace opensips::routing
