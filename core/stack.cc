#include "stack.hh"

#include "base/clock.hh"
#include "lp_routing/server_events.hh"

namespace opensips {

Shared::Shared(const Options& settings)
    : options(settings),
      epoch(static_cast<std::uint32_t>(base::SipKey::random().k0)),
      owners(settings.workers),
      tls(settings.tls_domains),
      connections(settings.tcp.connections, settings.tcp.per_source),
      hosts(transport::Hosts::read_file(settings.hosts_file)),
      profiles(settings.profile_values),
      registrar(locations, settings.registrar),
      script_tables(settings.script_shared_memory),
      events(settings.workers) {
  events.add_to(stats);
  routing::publish_location_events(locations, events, settings.workers);
  stats.function("core:timestamp", [started = base::monotonic_ms()] {
    return (base::monotonic_ms() - started) / 1000;
  });
  stats.function("usrloc:registered_users", [this] { return locations.users(); });
  stats.function("usrloc:location-users", [this] { return locations.users(); });
  stats.function("usrloc:location-contacts", [this] { return locations.contacts(); });
  stats.function("usrloc:location-expires", [this] { return locations.expires(); });
  stats.function("script:shared_memory", [this] { return script_tables.memory(); });
  stats.function("registrar:accepted_regs", [this] { return registrar.accepted_regs(); });
  stats.function("registrar:rejected_regs", [this] { return registrar.rejected_regs(); });
  stats.function("registrar:max_expires", [this] { return options.registrar.expires.max_expires; });
  stats.function("registrar:max_contacts", [this] { return options.registrar.max_contacts; });
  stats.function("registrar:default_expire",
                 [this] { return options.registrar.expires.default_expires; });
}

Shared::~Shared() = default;

Stack::Stack(loop::Context& context, loop::Layer& transport, Shared& shared,
             transport::NameServers* names)
    : resolver(context, shared.sockets, shared.hosts, shared.failed_targets, names,
               shared.options.resolver),
      parser(context, shared.owners,
             {.max_message = shared.options.max_message,
              .tag_key = shared.tag_key,
              .server_header = shared.options.server_header,
              .force_rport = shared.options.force_rport}),
      transactions(context, shared.sockets,
                   {shared.options.timers, shared.options.mac_key, shared.tag_key,
                    shared.options.auto_100trying, shared.options.udp_mtu,
                    shared.options.disable_6xx_block}),
      uac(context, transactions, resolver, shared.owners,
          {shared.options.user_agent_header, shared.options.max_forwards}),
      dialogs(context, resolver, transactions, uac, shared.profiles,
              {shared.options.mac_key, shared.tag_key, shared.options.record_route,
               shared.options.max_forwards, shared.options.dialogs}),
      nat(context, transactions),
      location(context, shared.locations, shared.registrar,
               {shared.options.registered_domains, shared.tag_key}),
      devices(context, shared.locations, shared.registrar.temporary_gruus()),
      pinged(shared.locations, [&context] { return context.now(); }),
      pinger(context, uac, pinged, shared.layers, shared.options.pings),
      routing(context, transactions, dialogs, resolver, shared.generations, shared.events,
              {shared.tag_key, shared.options.max_branches, shared.options.max_forwards}) {
  uac.set_editor(routing);
  auto& path = context.path;
  path.set(loop::LayerId::transport, transport);
  path.set(loop::LayerId::parser, parser);
  path.set(loop::LayerId::transaction, transactions);
  path.set(loop::LayerId::dialog, dialogs);
  path.set(loop::LayerId::nat, nat);
  path.set(loop::LayerId::presence, presence);
  path.set(loop::LayerId::location, location);
  path.set(loop::LayerId::routing, routing);
  dialogs.set_devices(devices);
  routing::publish_server_events(context, shared.events, dialogs.dialogs(), shared.sockets);
  path.on_choose([&layers = shared.layers](const loop::Walk&) { return layers.mask(); });
}

Stack::~Stack() = default;

}  // namespace opensips
