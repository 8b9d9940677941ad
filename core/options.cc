#include "options.hh"

#include <algorithm>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "config.h"
#include "config/endpoint.hh"
#include "l1_parser/peek.hh"

namespace opensips {

namespace {

std::uint32_t milliseconds(std::chrono::milliseconds from) {
  return static_cast<std::uint32_t>(from.count());
}

std::uint32_t seconds(std::chrono::milliseconds from) {
  return static_cast<std::uint32_t>(from.count() / 1000);
}

transaction::Timers timers_of(const config::TmSettings& tm) {
  transaction::Timers timers;
  timers.t1 = milliseconds(tm.t1);
  timers.t2 = milliseconds(tm.t2);
  timers.t4 = milliseconds(tm.t4);
  timers.fr_timeout = milliseconds(tm.fr_timeout);
  timers.fr_inv_timeout = milliseconds(tm.fr_inv_timeout);
  timers.timer_d = milliseconds(tm.timer_d);
  timers.linger = milliseconds(tm.wt_timer);
  return timers;
}

transport::SctpOptions sctp_of(const config::SctpSettings& from) {
  transport::SctpOptions sctp;
  sctp.rto_initial = milliseconds(from.rto_initial);
  sctp.rto_min = milliseconds(from.rto_min);
  sctp.rto_max = milliseconds(from.rto_max);
  sctp.association_retransmissions = static_cast<std::uint16_t>(from.association_retransmissions);
  sctp.path_retransmissions = static_cast<std::uint16_t>(from.path_retransmissions);
  sctp.init_attempts = static_cast<std::uint16_t>(from.init_attempts);
  sctp.heartbeat_interval = milliseconds(from.heartbeat_interval);
  return sctp;
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream words(text);
  return {std::istream_iterator<std::string>(words), {}};
}

transport::WsOptions ws_of(const config::Settings& settings) {
  transport::WsOptions ws;
  ws.max_message = static_cast<std::size_t>(settings.max_message_size);
  ws.message_time = milliseconds(settings.tcp.max_msg_time);
  ws.handshake_time = milliseconds(settings.ws.handshake_timeout);
  ws.ping_interval = milliseconds(settings.ws.keepalive_interval);
  ws.require_origin = settings.ws.require_origin;
  ws.origins = words_of(settings.ws.allowed_origins);
  ws.resource = settings.ws.resource;
  return ws;
}

transport::UdpGrouping::Mode grouping_of(std::string_view udp_segmentation) {
  using Mode = transport::UdpGrouping::Mode;
  if (udp_segmentation == "yes") return Mode::always;
  return udp_segmentation == "no" ? Mode::never : Mode::automatic;
}

transport::TcpOptions tcp_of(const config::Settings& settings) {
  const auto& from = settings.tcp;
  transport::TcpOptions tcp;
  tcp.max_message = static_cast<std::size_t>(settings.max_message_size);
  tcp.send_queue = static_cast<std::size_t>(from.send_queue_limit);
  tcp.connect_timeout = milliseconds(from.connect_timeout);
  tcp.handshake_timeout = milliseconds(from.handshake_timeout);
  tcp.lifetime = milliseconds(from.connection_lifetime);
  tcp.message_time = milliseconds(from.max_msg_time);
  tcp.send_timeout = milliseconds(from.send_timeout);
  tcp.connections = static_cast<std::uint32_t>(from.max_connections);
  tcp.per_source = static_cast<std::uint32_t>(from.max_connections_per_source);
  tcp.answer_pings = from.crlf_pingpong;
  if (from.accept_aliases) tcp.alias_port_of = parser::alias_port;
  tcp.ping_interval = static_cast<std::uint32_t>(from.crlf_ping_interval) * 1000;
  tcp.backlog = from.listen_backlog;
  tcp.tos = settings.tos;
  tcp.keepalive = from.keepalive;
  tcp.keepalive_idle = from.keepidle;
  tcp.keepalive_interval = from.keepinterval;
  tcp.keepalive_count = from.keepcount;
  tcp.sctp = sctp_of(settings.sctp);
  tcp.ws = ws_of(settings);
  return tcp;
}

transport::ResolverOptions resolver_of(const config::DnsSettings& from) {
  transport::ResolverOptions resolver;
  resolver.try_naptr = from.try_naptr;
  resolver.try_ipv6 = from.try_ipv6;
  resolver.failover = !from.disable_failover;
  resolver.avoid_time = milliseconds(from.failed_target_time);
  resolver.cache.size = static_cast<std::size_t>(from.cache_size);
  resolver.cache.shortest = milliseconds(from.cache_min_ttl);
  resolver.cache.longest = static_cast<std::uint64_t>(from.cache_max_ttl.count());
  resolver.cache.longest_none = milliseconds(from.cache_negative_ttl);
  return resolver;
}

transport::DnsClientOptions dns_of(const config::DnsSettings& from) {
  transport::DnsClientOptions dns;
  dns.servers = config::parse_name_servers(from.servers).value_or(dns.servers);
  dns.retry_time = milliseconds(from.retr_time);
  dns.retries = static_cast<unsigned>(from.retr_no);
  return dns;
}

/// Session timers are for who loads sst, or says something of it.
dialog::DialogSettings dialogs_of(const config::Settings& settings) {
  dialog::DialogSettings dialogs;
  dialogs.all_invites = settings.dialog.all_invites;
  auto& defaults = dialogs.defaults;
  defaults.lifetime = static_cast<std::uint64_t>(settings.dialog.default_timeout.count());
  const bool by_invite = settings.dialog.reinvite_ping_interval.count() != 0;
  defaults.ping_interval = milliseconds(by_invite ? settings.dialog.reinvite_ping_interval
                                                  : settings.dialog.options_ping_interval);
  defaults.ping_by_invite = by_invite;
  if (!settings.names_module("sst")) return dialogs;
  defaults.session_interval = milliseconds(settings.sst.interval);
  defaults.min_session = milliseconds(settings.sst.min_se);
  defaults.rejects_short_sessions = settings.sst.reject_to_small;
  return dialogs;
}

location::RegistrarOptions registrar_of(const config::RegistrarSettings& from) {
  location::RegistrarOptions registrar;
  registrar.expires.default_expires = seconds(from.default_expires);
  registrar.expires.min_expires = seconds(from.min_expires);
  registrar.expires.max_expires = seconds(from.max_expires);
  constexpr int kHighestQ = 1000;
  registrar.default_q = static_cast<std::uint16_t>(from.default_q < 0 ? kHighestQ : from.default_q);
  registrar.max_contacts = static_cast<std::uint32_t>(from.max_contacts);
  registrar.gives_gruus = !from.disable_gruu;
  registrar.outbound = static_cast<location::OutboundMode>(from.outbound_mode);
  registrar.flow_timer = seconds(std::chrono::ceil<std::chrono::seconds>(from.flow_timer));
  return registrar;
}

/// The names of a list that commas divide, as names are compared.
std::vector<std::string> domains_in(std::string_view list) {
  std::vector<std::string> domains;
  while (!list.empty()) {
    const auto end = std::min(list.find(','), list.size());
    auto name = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    name.remove_prefix(std::min(name.find_first_not_of(' '), name.size()));
    name = name.substr(0, name.find_last_not_of(' ') + 1);
    if (!name.empty()) domains.push_back(transport::Domains::folded(name));
  }
  return domains;
}

nat::PingOptions pings_of(const config::NathelperSettings& from) {
  using Kind = nat::PingOptions::Kind;
  nat::PingOptions pings;
  pings.interval_ms = milliseconds(from.natping_interval);
  pings.behind_nat_only = from.ping_nated_only;
  pings.kind = !from.sipping_from.empty()    ? Kind::request
               : from.natping_type == "stun" ? Kind::stun
                                             : Kind::crlf;
  pings.method = from.sipping_method;
  pings.from = from.sipping_from;
  pings.max_lost = static_cast<unsigned>(from.max_pings_lost);
  return pings;
}

/// OpenSIPS has the operator write the whole line.
std::string signature_of(const config::Settings& settings, std::string_view given,
                         std::string_view name) {
  if (!settings.server_signature) return {};
  if (given.empty()) return "OpenSIPS/" OPENSIPS_VERSION;
  if (given.starts_with(name)) given.remove_prefix(name.size());
  given.remove_prefix(std::min(given.find_first_not_of(' '), given.size()));
  return std::string(given);
}

}  // namespace

Shared::Options options_of(const config::Settings& settings, const base::SipKey& mac_key) {
  Shared::Options options;
  const auto cores = std::max(1U, std::thread::hardware_concurrency());
  options.workers = settings.workers ? static_cast<unsigned>(settings.workers) : cores;
  options.mac_key = mac_key;
  options.server_header = signature_of(settings, settings.server_header, "Server:");
  options.user_agent_header = signature_of(settings, settings.user_agent_header, "User-Agent:");
  options.max_message = static_cast<std::uint32_t>(settings.max_message_size);
  options.tcp = tcp_of(settings);
  options.tls_domains = settings.tls_domains;
  options.resolver = resolver_of(settings.dns);
  options.dns = dns_of(settings.dns);
  options.hosts_file = settings.dns.hosts_file;
  options.timers = timers_of(settings.tm);
  options.auto_100trying = settings.tm.auto_100trying;
  options.disable_6xx_block = settings.tm.disable_6xx_block;
  options.udp_grouping = grouping_of(settings.udp_segmentation);
  const bool by_tcp = settings.udp_mtu_try_proto == "TCP";
  options.udp_mtu = by_tcp ? static_cast<std::uint32_t>(settings.udp_mtu) : 0;
  options.force_rport = settings.force_rport;
  options.record_route = settings.record_route;
  options.max_branches = static_cast<unsigned>(settings.tm.max_branches);
  options.max_forwards = static_cast<unsigned>(settings.tm.max_forwards_default);
  options.registrar = registrar_of(settings.registrar);
  options.registrar.mac_key = mac_key;
  options.registered_domains = domains_in(settings.registrar.domains);
  options.dialogs = dialogs_of(settings);
  options.pings = pings_of(settings.nathelper);
  options.script_shared_memory = static_cast<std::size_t>(settings.script_shared_memory) << 20;
  return options;
}

}  // namespace opensips
