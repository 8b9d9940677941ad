#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/siphash.hh"
#include "base/stats.hh"
#include "l0_transport/connection_table.hh"
#include "l0_transport/dns_client.hh"
#include "l0_transport/failed_targets.hh"
#include "l0_transport/hosts.hh"
#include "l0_transport/resolver.hh"
#include "l0_transport/sockets.hh"
#include "l0_transport/tcp_options.hh"
#include "l0_transport/tls/service.hh"
#include "l0_transport/udp_grouping.hh"
#include "l1_parser/layer.hh"
#include "l2_transaction/layer.hh"
#include "l2_transaction/uac.hh"
#include "l3_dialog/layer.hh"
#include "l4_nat/layer.hh"
#include "l4_nat/pinger.hh"
#include "l5_presence/layer.hh"
#include "l6_location/aor_table.hh"
#include "l6_location/layer.hh"
#include "l6_location/pinged_contacts.hh"
#include "l6_location/registered_devices.hh"
#include "l6_location/registrar.hh"
#include "loop/context.hh"
#include "loop/layer_switch.hh"
#include "loop/owner.hh"
#include "lp_routing/generations.hh"
#include "lp_routing/routing.hh"
#include "lp_routing/shared_tables.hh"
#include "manage/command.hh"
#include "manage/events.hh"

namespace opensips {

/// What all workers share: fixed at start, or with a lock of its own.
struct Shared {
  struct Options {
    unsigned workers = 1;
    base::SipKey mac_key;               ///< persists, and is shared by a cluster
    std::string server_header;          ///< of our answers; empty: none
    std::string user_agent_header;      ///< of our requests; empty: none
    std::uint32_t max_message = 65535;  ///< bytes; a longer one is refused
    transport::UdpGrouping::Mode udp_grouping = transport::UdpGrouping::Mode::automatic;
    transport::TcpOptions tcp;
    std::vector<config::TlsDomain> tls_domains;
    transport::ResolverOptions resolver;
    transport::DnsClientOptions dns;
    std::string hosts_file;  ///< empty: none
    transaction::Timers timers;
    bool auto_100trying = true;
    bool disable_6xx_block = false;
    std::uint32_t udp_mtu = 0;  ///< bytes; larger requests go by TCP; 0: none do
    bool force_rport = false;
    bool record_route = true;
    unsigned max_branches = 12;
    unsigned max_forwards = 70;  ///< for a request that has none
    location::RegistrarOptions registrar;
    std::vector<std::string> registered_domains;  ///< whose REGISTERs the location layer answers
    dialog::DialogSettings dialogs;
    std::size_t profile_values = 1'000'000;  ///< that dialogs may be counted by at a time
    nat::PingOptions pings;
    std::size_t script_shared_memory = std::size_t{64} << 20;  ///< bytes
  };

  explicit Shared(const Options& settings);
  ~Shared();

  Options options;
  base::SipKey tag_key =
      base::SipKey::random();  ///< To tags need no longer memory than the process
  std::uint32_t epoch;         ///< tells this process's ids from an earlier one's
  loop::Owners owners;
  base::Stats stats;
  loop::LayerSwitch layers;
  manage::Commands commands;  ///< of the control thread
  transport::Sockets sockets;
  transport::tls::Service tls;
  transport::ConnectionTable connections;
  transport::Hosts hosts;
  transport::FailedTargets failed_targets;
  dialog::Profiles profiles;
  location::AorTable locations;
  location::Registrar registrar;
  routing::SharedTables script_tables;
  manage::Events events;
  routing::Generations generations;  ///< of the routing program
};

/// The layers of one worker above the transport, put together on its context. What L0 is, the
/// caller says: a TransportLayer, or a test's own; likewise whom it asks about names, if anybody.
class Stack {
 public:
  Stack(loop::Context& context, loop::Layer& transport, Shared& shared,
        transport::NameServers* names = nullptr);
  ~Stack();

  transport::Resolver resolver;  // before those who search with it
  parser::ParserLayer parser;
  transaction::TransactionLayer transactions;
  transaction::Uac uac;
  dialog::DialogLayer dialogs;
  nat::NatLayer nat;
  presence::PresenceLayer presence;
  location::LocationLayer location;
  location::RegisteredDevices devices;
  location::PingedContacts pinged;
  nat::Pinger pinger;  ///< started on one of the workers
  routing::Routing routing;
};

}  // namespace opensips
