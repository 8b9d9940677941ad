#pragma once

#include "config/settings.hh"
#include "lp_routing/functions/table.hh"
#include "lp_routing/lua/engine.hh"
#include "manage/events.hh"
#include "module/modules.hh"
#include "storage/database.hh"

/// What a server is put together from, as its settings and modules say: for the server, and for one
/// that only a test talks to.
namespace opensips {

/// What scripts may call: the core's functions, and those of the modules.
routing::FunctionTable functions_of(const modules::Modules& modules);

/// What programs and clients may be told of: the core's events, and those of the modules.
manage::EventTypes events_of(const modules::Modules& modules);

storage::Database::Options databases_of(const config::DbSettings& db);

/// The script; functions, events and modules outlive whatever loads it.
routing::lua::Settings script_of(const config::Settings& settings,
                                 const routing::FunctionTable& functions,
                                 const manage::EventTypes& events, const modules::Modules& modules);

}  // namespace opensips
