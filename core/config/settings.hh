#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/prefix.hh"
#include "config/diagnostics.hh"
#include "config/tls.hh"

namespace opensips::config {

/// Where `make install` puts the Lua library, and modules.
std::string installed_lua_path();
std::string installed_module_path();
/// Where a server keeps its sockets while it runs.
std::string run_directory();
std::string installed_fifo();
/// Where OpenSIPS's clients make the FIFOs that they want their answers in.
std::string temporary_directory();

/// `socket=udp:192.0.2.1:5060 as sip.example.com:5060`
struct Socket {
  std::string transport;  ///< "udp", "tcp", "tls", "sctp", "ws", "wss"
  std::string address;    ///< numeric, without brackets; 0.0.0.0 or :: for all
  std::string interface;  ///< in place of `address`: all addresses that it has
  bool ipv6 = false;
  std::uint16_t port = 5060;          ///< 0: whatever the system gives
  std::string advertised_host;        ///< empty: the address; IPv6 without brackets
  std::uint16_t advertised_port = 0;  ///< 0: the port
  Position at;
};

/// A name that the server is for.
struct Alias {
  std::string transport;   ///< empty: any
  std::string host;        ///< lower case; IPv6 without brackets
  std::uint16_t port = 0;  ///< 0: any
  Position at;
};

struct Module {
  std::string name;  ///< without directory and ".so"
  std::string file;  ///< as written; with a directory in it: as seen from the file that says it
  bool built_in = false;
  Position at;
};

struct TmSettings {
  std::chrono::milliseconds t1{500};
  std::chrono::milliseconds t2{4000};
  std::chrono::milliseconds t4{5000};
  std::chrono::milliseconds fr_timeout{32'000};       ///< timers B and F
  std::chrono::milliseconds fr_inv_timeout{180'000};  ///< timer C
  std::chrono::milliseconds timer_d{32'000};
  std::chrono::milliseconds wt_timer{32'000};  ///< timers H, J, L, M
  bool auto_100trying = true;
  bool disable_6xx_block = false;
  int max_branches = 12;
  int max_forwards_default = 70;
};

/// Dialogs that the server keeps: dialog.
struct DialogSettings {
  std::chrono::milliseconds default_timeout{43'200'000};  ///< 0: they may last for ever
  std::chrono::milliseconds options_ping_interval{0};     ///< 0: none
  std::chrono::milliseconds reinvite_ping_interval{0};    ///< instead of OPTIONS; 0: none
  bool all_invites = false;
  int db_mode = 0;     ///< 0: none, 1: at once, 2: every db_update_period, 3: at the end
  std::string db_url;  ///< empty: the default one
  std::chrono::milliseconds db_update_period{60'000};
  std::string table_name = "dialog";
};

/// Session timers: sst.
struct SstSettings {
  std::chrono::milliseconds min_se{90'000};
  std::chrono::milliseconds interval{0};  ///< 0: nothing is asked for
  bool reject_to_small = true;
};

struct RegistrarSettings {
  std::chrono::milliseconds default_expires{3'600'000};
  std::chrono::milliseconds min_expires{60'000};
  std::chrono::milliseconds max_expires{7'200'000};  ///< 0: no limit
  int max_contacts = 10;                             ///< 0: no limit
  int default_q = -1;                                ///< thousandths; -1: none
  bool disable_gruu = true;
  int outbound_mode = 1;                    ///< 0: off, 1: as clients support it, 2: required
  std::chrono::milliseconds flow_timer{0};  ///< 0: nothing is said
  std::string domains;                      ///< whose REGISTERs need no program; divided by commas
};

/// Where contacts are kept: usrloc.
struct UsrlocSettings {
  std::string working_mode = "single-instance-no-db";
  std::string db_url;       ///< empty: the default one
  std::string cachedb_url;  ///< of what several servers share
  std::chrono::milliseconds timer_interval{60'000};
};

struct NathelperSettings {
  std::chrono::milliseconds natping_interval{25'000};  ///< 0: none are sent
  bool ping_nated_only = true;
  std::string natping_type = "crlf";  ///< or "stun"
  std::string sipping_from;           ///< a URI: requests are sent; empty: none are
  std::string sipping_method = "OPTIONS";
  int max_pings_lost = 3;  ///< 0: any number
};

struct TcpSettings {
  std::chrono::milliseconds connect_timeout{3000};
  std::chrono::milliseconds connection_lifetime{120'000};
  std::chrono::milliseconds max_msg_time{30'000};
  std::chrono::milliseconds send_timeout{10'000};
  std::chrono::milliseconds handshake_timeout{10'000};  ///< of TLS
  int max_connections = 65'536;
  int max_connections_per_source = 0;  ///< 0: no limit
  int send_queue_limit = 1'048'576;    ///< bytes per connection
  int listen_backlog = 1024;
  bool crlf_pingpong = true;
  int crlf_ping_interval = 0;  ///< seconds; 0: none are sent
  bool accept_aliases = false;
  bool keepalive = true;
  int keepidle = 0;  ///< seconds; 0: the system's, like the next two
  int keepinterval = 0;
  int keepcount = 0;
};

/// What only SCTP has; 0: the system's.
struct SctpSettings {
  std::chrono::milliseconds rto_initial{0};
  std::chrono::milliseconds rto_min{0};
  std::chrono::milliseconds rto_max{0};
  int association_retransmissions = 0;
  int path_retransmissions = 0;
  int init_attempts = 0;
  std::chrono::milliseconds heartbeat_interval{0};
};

/// WebSocket: proto_ws.
struct WsSettings {
  std::chrono::milliseconds handshake_timeout{10'000};
  std::chrono::milliseconds keepalive_interval{60'000};  ///< 0: no pings
  bool require_origin = true;
  std::string allowed_origins;  ///< with blanks between; empty: all
  std::string resource;         ///< empty: any
};

/// Finding the servers of names.
struct DnsSettings {
  std::string servers;  ///< "192.0.2.1:53, [::1]:5353"; empty: the system's
  std::string hosts_file = "/etc/hosts";
  std::chrono::milliseconds retr_time{1000};
  int retr_no = 2;
  bool try_naptr = true;
  bool try_ipv6 = true;
  int cache_size = 4096;  ///< answers per worker
  std::chrono::milliseconds cache_min_ttl{1000};
  std::chrono::milliseconds cache_max_ttl{86'400'000};
  std::chrono::milliseconds cache_negative_ttl{300'000};  ///< the most
  bool disable_failover = false;
  std::chrono::milliseconds failed_target_time{30'000};  ///< 0: a server that failed is not avoided
};

/// Databases, whoever uses them.
struct DbSettings {
  std::string default_url;  ///< empty: none
  std::string version_table = "version";
  std::chrono::milliseconds query_timeout{1500};
  std::chrono::milliseconds connect_timeout{2000};
  int max_async_connections = 4;  ///< to each
  int queue_limit = 10'000;       ///< statements that wait for one
  int batch_size = 500;           ///< rows that are written together
};

/// The table of domains that the server is for: domain.
struct DomainSettings {
  std::string db_url;  ///< empty: the default one
  std::string table = "domain";
  std::string name_column = "domain";
  std::string attributes_column = "attrs";
  std::string subdomain_column = "accept_subdomain";
};

/// The Unix datagram socket for commands: mi_datagram.
struct DatagramSettings {
  std::string socket_name;  ///< empty: none
  int mode = 0600;
  std::string user;   ///< a name or a number; empty: the server's
  std::string group;  ///< likewise
};

/// The FIFO for commands: mi_fifo.
struct FifoSettings {
  std::string fifo_name = installed_fifo();
  int mode = 0600;
  std::string user;
  std::string group;
  std::string reply_dir = temporary_directory();
};

/// Everything `opensips.cfg` says, with defaults for what it does not say. A passive value: read it
/// from any thread once it is made.
struct Settings {
  int workers = 0;  ///< 0: one per core
  std::vector<Socket> sockets;
  std::vector<Alias> aliases;

  int log_level = 2;
  bool stderror_enabled = true;
  bool syslog_enabled = false;
  std::string syslog_facility = "LOG_DAEMON";
  std::string log_file;

  std::string script;
  std::string lua_path = installed_lua_path();
  std::chrono::milliseconds script_time_limit{200};
  int script_memory_limit = 256;  ///< MB per VM
  int script_shared_memory = 64;  ///< MB, of all tables of sip.shared
  int script_generations_max = 16;

  std::string mac_key_file;
  bool record_route = true;
  int max_message_size = 65535;
  std::string server_header;      ///< empty: the server's own; else "Server: …"
  std::string user_agent_header;  ///< empty: the server's own; else "User-Agent: …"
  bool server_signature = true;

  int udp_receive_buffer = 0;  ///< bytes; 0: the system's
  int udp_send_buffer = 0;
  int maxbuffer = 4'194'304;              ///< bytes; 0: a receive buffer is not raised
  std::string udp_segmentation = "auto";  ///< or "yes" or "no"
  int udp_mtu = 1300;                     ///< bytes; 0: requests of any size go by UDP
  std::string udp_mtu_try_proto = "TCP";
  int tos = 0;  ///< of IP packets; 0: the system's
  bool force_rport = false;
  int inbox_limit = 65536;                        ///< messages per worker
  std::chrono::milliseconds overload_limit{400};  ///< 0: nothing is shed
  int memory_limit = 0;                           ///< MB; 0: what the control group allows
  int source_limit = 0;                           ///< messages; 0: no limit
  std::chrono::milliseconds source_limit_unit{1000};
  std::vector<base::Prefix> source_limit_exempt;
  int gather_time = 2000;  ///< microseconds that messages may wait for others; 0: none
  std::string pid_file;
  std::string control_socket;  ///< not in `positions`: one in the run directory; empty: none

  TcpSettings tcp;
  SctpSettings sctp;
  WsSettings ws;
  std::vector<TlsDomain> tls_domains;
  TlsTable tls_table;
  DnsSettings dns;
  DbSettings db;
  DomainSettings domain;
  TmSettings tm;
  DialogSettings dialog;
  SstSettings sst;
  RegistrarSettings registrar;
  UsrlocSettings usrloc;
  NathelperSettings nathelper;
  DatagramSettings mi_datagram;
  FifoSettings mi_fifo;

  std::vector<std::string> mpath{installed_module_path()};
  std::vector<Module> modules;

  std::vector<std::string> files;  ///< read; `Position::file` is an index
  std::vector<Diagnostic> notices;
  std::map<std::string, Position, std::less<>>
      positions;  ///< of what was set: "script", "tm:T1_timer"

  /// Whether a module, or a parameter of it, is named.
  bool names_module(std::string_view module) const;

  /// "file:line:column" for a message about something found wrong later.
  std::string place(Position at) const;
  /// The same for a parameter by name; the main file when it was not set.
  std::string place(std::string_view name) const;
};

}  // namespace opensips::config
