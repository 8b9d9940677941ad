// long file: the table of all parameters, which is one.
#include "config/schema.hh"

#include <array>

#include "config/parameter_rows.hh"

namespace opensips::config {

using namespace rows;
using std::chrono::milliseconds;

namespace {

constexpr std::array<std::string_view, 19> kFacilities{
    "LOG_AUTH",   "LOG_AUTHPRIV", "LOG_CRON",   "LOG_DAEMON", "LOG_FTP",
    "LOG_LPR",    "LOG_MAIL",     "LOG_NEWS",   "LOG_SYSLOG", "LOG_USER",
    "LOG_UUCP",   "LOG_LOCAL0",   "LOG_LOCAL1", "LOG_LOCAL2", "LOG_LOCAL3",
    "LOG_LOCAL4", "LOG_LOCAL5",   "LOG_LOCAL6", "LOG_LOCAL7"};

constexpr std::array<std::string_view, 2> kMtuTransports{"TCP", "UDP"};

constexpr std::array<std::string_view, 5> kUsrlocModes{
    "single-instance-no-db", "single-instance-sql-write-through", "single-instance-sql-write-back",
    "sql-only", "full-sharing-cachedb-cluster"};

using S = Settings;
using Tcp = TcpSettings;
using Sctp = SctpSettings;
using Ws = WsSettings;
using Dns = DnsSettings;
using Db = DbSettings;
using Tm = TmSettings;
using Dialog = DialogSettings;
using Domain = DomainSettings;
using Sst = SstSettings;
using Registrar = RegistrarSettings;
using Usrloc = UsrlocSettings;
using Nathelper = NathelperSettings;
using Datagram = DatagramSettings;
using Fifo = FifoSettings;
using Tls = TlsTable;

constexpr std::string_view kProtoTcp = "proto_tcp";
constexpr std::string_view kProtoTls = "proto_tls";
constexpr std::string_view kProtoWs = "proto_ws";
constexpr std::string_view kTlsMgm = "tls_mgm";
constexpr std::string_view kTm = "tm";
constexpr std::string_view kDialog = "dialog";
constexpr std::string_view kDomain = "domain";
constexpr std::string_view kSst = "sst";
constexpr std::string_view kRegistrar = "registrar";
constexpr std::string_view kNathelper = "nathelper";
constexpr std::string_view kNatpingTypes[] = {"crlf", "stun"};
constexpr std::string_view kMiDatagram = "mi_datagram";
constexpr std::string_view kMiFifo = "mi_fifo";
constexpr std::string_view kOneLine = "An answer is one line.";
constexpr std::string_view kNoTrace = "Nothing is traced.";

constexpr Parameter tls(std::string_view name, std::string_view doc) {
  return {.module = kTlsMgm, .name = name, .type = Type::tls, .doc = doc, .max = 4095};
}

constexpr Parameter tls_path(std::string_view name, std::string_view doc) {
  return {.module = kTlsMgm, .name = name, .type = Type::tls_path, .doc = doc, .max = 4095};
}

constexpr Parameter with_other_name(Parameter parameter, std::string_view name,
                                    std::string_view doc) {
  parameter.instead_of = parameter.name;
  parameter.name = name;
  parameter.doc = doc;
  return parameter;
}

constexpr Parameter kWorkers =
    integer("", "workers", &at<&S::workers>, 0, 64, "Worker threads; 0 is one per core.");

constexpr Parameter kFacility{.name = "syslog_facility",
                              .type = Type::choice,
                              .doc = "Facility of lines sent to syslog.",
                              .target = Member<std::string>(&at<&S::syslog_facility>),
                              .choices = kFacilities};

constexpr Parameter kOrigins{
    .module = kProtoWs,
    .name = "ws_allowed_origins",
    .type = Type::text,
    .doc =
        "Origins of the pages that may connect, with blanks between them, as "
        "\"https://phone.example.com\"; all if there are none.",
    .target = Member<std::string>(&at<&S::ws, &Ws::allowed_origins>),
    .max = 4095};
constexpr Parameter kDefaultUrl{
    .name = "db_default_url",
    .type = Type::text,
    .doc =
        "Database of all that name none, as \"sqlite:///var/lib/opensips/opensips.db\" or "
        "\"mysql://user:password@host/opensips\".",
    .target = Member<std::string>(&at<&S::db, &Db::default_url>),
    .max = 4095};
constexpr Parameter kDialogUrl{
    .module = "dialog",
    .name = "db_url",
    .type = Type::text,
    .doc = "Database that dialogs are kept in; db_default_url without it.",
    .target = Member<std::string>(&at<&S::dialog, &Dialog::db_url>),
    .max = 4095};
constexpr Parameter kDomainUrl{
    .module = "domain",
    .name = "db_url",
    .type = Type::text,
    .doc = "Database with the table of domains; db_default_url without it.",
    .target = Member<std::string>(&at<&S::domain, &Domain::db_url>),
    .max = 4095};
constexpr Parameter kTlsUrl{
    .module = kTlsMgm,
    .name = "db_url",
    .type = Type::text,
    .doc = "Database with a table of more TLS domains; if only that is named, db_default_url.",
    .target = Member<std::string>(&at<&S::tls_table, &Tls::db_url>),
    .max = 4095};
constexpr Parameter kMtuTryProto{.name = "udp_mtu_try_proto",
                                 .type = Type::choice,
                                 .doc = "Transport of requests larger than udp_mtu.",
                                 .target = Member<std::string>(&at<&S::udp_mtu_try_proto>),
                                 .choices = kMtuTransports};

constexpr Parameter kWorkingMode{
    .module = "usrloc",
    .name = "working_mode_preset",
    .type = Type::choice,
    .doc =
        "Where contacts are: in memory; in memory and a database, "
        "which has them before a REGISTER is answered (write-through) "
        "or later (write-back); in a database alone; in a Redis that several servers share.",
    .target = Member<std::string>(&at<&S::usrloc, &Usrloc::working_mode>),
    .choices = kUsrlocModes};
constexpr Parameter kUsrlocUrl{
    .module = "usrloc",
    .name = "db_url",
    .type = Type::text,
    .doc = "Database that contacts are kept in; db_default_url without it.",
    .target = Member<std::string>(&at<&S::usrloc, &Usrloc::db_url>),
    .max = 4095};
constexpr Parameter kRegistrarDomains{
    .module = "registrar",
    .name = "domains",
    .type = Type::text,
    .doc =
        "Domains whose users the location layer registers by itself, before the script and without "
        "a password; divided by commas.",
    .target = Member<std::string>(&at<&S::registrar, &Registrar::domains>),
    .max = 4095};
constexpr Parameter kUsrlocShared{
    .module = "usrloc",
    .name = "cachedb_url",
    .type = Type::text,
    .doc = "The Redis that full-sharing-cachedb-cluster keeps contacts in, redis://HOST[:PORT].",
    .target = Member<std::string>(&at<&S::usrloc, &Usrloc::cachedb_url>),
    .max = 4095};

const std::array kParameters{
    kWorkers,
    with_other_name(kWorkers, "udp_workers", "Another name of workers."),
    list("socket", Type::socket, "An address to listen on, and with as the one to tell others."),
    list("alias", Type::alias, "A name that the server is for, besides its addresses."),

    integer("", "log_level", &at<&S::log_level>, -3, 4,
            "Most talkative level that is logged, from -3 (alert) to 4 (debug)."),
    boolean("", "stderror_enabled", &at<&S::stderror_enabled>, "Log to standard error."),
    boolean("", "syslog_enabled", &at<&S::syslog_enabled>, "Log to syslog."),
    kFacility,
    path("log_file", &at<&S::log_file>, "Log to this file as well."),
    no_effect("", "xlog_level", Type::integer, "Scripts log at log_level."),

    path("script", &at<&S::script>, "Routing script: in Lua, or in Perl if its name ends in .pl."),
    path("lua_path", &at<&S::lua_path>, "Directory of the Lua library that comes with the server."),
    duration("", "script_time_limit", &at<&S::script_time_limit>, kMs, 1, 60'000,
             "Longest run of a script between two waits."),
    integer("", "script_memory_limit", &at<&S::script_memory_limit>, 8, 65'536,
            "Most memory of one Lua VM, in MB."),
    integer("", "script_shared_memory", &at<&S::script_shared_memory>, 1, 65'536,
            "Most memory of all tables that scripts share (sip.shared), in MB."),
    integer("", "script_generations_max", &at<&S::script_generations_max>, 2, 1000,
            "Most versions of the script that live at a time."),

    path("mac_key_file", &at<&S::mac_key_file>,
         "Key that proves Record-Route and Via values ours; shared by a cluster."),
    boolean("", "record_route", &at<&S::record_route>, "Stay on the path of dialogs."),
    integer("", "max_message_size", &at<&S::max_message_size>, 1024, 65'535,
            "Largest SIP message taken, in bytes."),
    header("server_header", &at<&S::server_header>,
           "Server:", "Server header of responses, with its name."),
    header("user_agent_header", &at<&S::user_agent_header>,
           "User-Agent:", "User-Agent header of our requests, with its name."),
    boolean("", "server_signature", &at<&S::server_signature>,
            "Put Server and User-Agent headers into our messages."),
    no_effect("", "auto_aliases", Type::boolean, "Only alias says names; nothing is asked of DNS."),

    integer("", "udp_receive_buffer", &at<&S::udp_receive_buffer>, 0, INT_MAX,
            "Receive buffer of a UDP socket in bytes; 0 is the system's."),
    integer("", "udp_send_buffer", &at<&S::udp_send_buffer>, 0, INT_MAX,
            "Send buffer of a UDP socket in bytes; 0 is the system's."),
    integer("", "maxbuffer", &at<&S::maxbuffer>, 0, INT_MAX,
            "What the receive buffer of a UDP socket is raised to, in bytes, as far as the system "
            "lets; 0 leaves it."),
    integer("", "udp_mtu", &at<&S::udp_mtu>, 0, 65'535,
            "Largest request sent by UDP, in bytes; 0 is any."),
    kMtuTryProto,
    integer("", "tos", &at<&S::tos>, 0, 255, "TOS byte of what is sent; 0 is the system's."),
    boolean("", "force_rport", &at<&S::force_rport>,
            "Answer every request to the port that it came from, as if its Via had rport."),
    duration("", "tcp_connect_timeout", &at<&S::tcp, &Tcp::connect_timeout>, kMs, 10, 60'000,
             "Wait for a TCP connection to be established; in milliseconds."),
    duration("", "tcp_connection_lifetime", &at<&S::tcp, &Tcp::connection_lifetime>, kSecond, 1,
             kDay,
             "Close a TCP connection on which nothing comes or goes for so long; in seconds."),
    duration("", "tcp_max_msg_time", &at<&S::tcp, &Tcp::max_msg_time>, kSecond, 1, 3600,
             "Close a TCP connection when a message that has begun takes longer; in seconds."),
    integer("", "tcp_max_connections", &at<&S::tcp, &Tcp::max_connections>, 1, 16'777'216,
            "Most TCP connections, accepted and opened."),
    integer("", "tcp_max_connections_per_source", &at<&S::tcp, &Tcp::max_connections_per_source>, 0,
            16'777'216, "Most TCP connections accepted from one address; 0 is no limit."),
    integer("", "tcp_send_queue_limit", &at<&S::tcp, &Tcp::send_queue_limit>, 4096, INT_MAX,
            "Close a TCP connection when more bytes wait for its peer to read."),
    integer("", "tcp_listen_backlog", &at<&S::tcp, &Tcp::listen_backlog>, 1, 65'535,
            "TCP connections that may wait to be accepted."),
    boolean("", "tcp_keepalive", &at<&S::tcp, &Tcp::keepalive>,
            "Let the system probe TCP connections on which nothing goes."),
    integer("", "tcp_keepidle", &at<&S::tcp, &Tcp::keepidle>, 0, 32'767,
            "Seconds without traffic before the first probe; 0 is the system's."),
    integer("", "tcp_keepinterval", &at<&S::tcp, &Tcp::keepinterval>, 0, 32'767,
            "Seconds between probes; 0 is the system's."),
    integer("", "tcp_keepcount", &at<&S::tcp, &Tcp::keepcount>, 0, 127,
            "Probes without an answer that end a TCP connection; 0 is the system's."),
    integer(
        "", "tcp_crlf_ping_interval", &at<&S::tcp, &Tcp::crlf_ping_interval>, 0, 86'400,
        "Seconds without a byte before CRLF CRLF is sent on a connection that we opened, which is "
        "closed unless something comes within 10 s (RFC 5626); 0 is never."),
    boolean(
        "", "tcp_accept_aliases", &at<&S::tcp, &Tcp::accept_aliases>,
        "Send requests for the address in a Via with ;alias over the connection that it came by "
        "(RFC 5923)."),
    no_effect("", "tcp_no_new_conn_bflag", Type::any, "A target of a script has no_connect."),
    no_effect(
        "", "tcp_no_new_conn_rplflag", Type::any,
        "Answers go as RFC 3261 18.2.2 says: over the connection of the request if it lives."),
    no_effect("", "tcp_workers", Type::integer, "Every worker serves all sockets: see workers."),
    text("", "dns_servers", &at<&S::dns, &Dns::servers>,
         "Name servers to ask, as \"192.0.2.1:53, [2001:db8::1]:53\"; else those of the system."),
    path("dns_hosts_file", &at<&S::dns, &Dns::hosts_file>,
         "Names known without asking, as in hosts(5); read at start."),
    duration("", "dns_retr_time", &at<&S::dns, &Dns::retr_time>, kSecond, 1, 60,
             "Wait for a name server before the next one is asked, or all once more; twice as long "
             "each time round; in seconds."),
    integer("", "dns_retr_no", &at<&S::dns, &Dns::retr_no>, 0, 10,
            "How often the name servers are asked once more."),
    boolean("", "dns_try_naptr", &at<&S::dns, &Dns::try_naptr>,
            "Ask for NAPTR records when neither port nor transport are given."),
    boolean("", "dns_try_ipv6", &at<&S::dns, &Dns::try_ipv6>,
            "Ask for AAAA records too, where there is an IPv6 socket."),
    integer("", "dns_cache_size", &at<&S::dns, &Dns::cache_size>, 16, 1'000'000,
            "Most answers that a worker keeps."),
    duration("", "dns_cache_min_ttl", &at<&S::dns, &Dns::cache_min_ttl>, kSecond, 0, kDay,
             "An answer is kept for at least so long; in seconds."),
    duration("", "dns_cache_max_ttl", &at<&S::dns, &Dns::cache_max_ttl>, kSecond, 0, 365 * kDay,
             "An answer is kept for at most so long; in seconds."),
    duration("", "dns_cache_negative_ttl", &at<&S::dns, &Dns::cache_negative_ttl>, kSecond, 0, kDay,
             "That there is no such name, or no such record, is believed for at most so long; in "
             "seconds."),
    boolean("", "disable_dns_failover", &at<&S::dns, &Dns::disable_failover>,
            "Try only the first server of a name."),
    duration(
        "", "failed_target_time", &at<&S::dns, &Dns::failed_target_time>, kSecond, 0, kDay,
        "A server that did not answer, or with 503, comes behind the others of its name for so "
        "long; 0 is not at all; in seconds."),
    no_effect("", "dns", Type::any, "Names are looked up when they have to be."),
    no_effect("", "rev_dns", Type::any, "Addresses are not turned into names."),
    no_effect("", "dns_use_search_list", Type::boolean, "Names are asked for as they are."),
    no_effect("", "dns_servers_no", Type::integer, "All name servers of the system are asked."),
    no_effect("", "disable_dns_blacklist", Type::boolean, "See failed_target_time."),
    kDefaultUrl,
    text("", "db_version_table", &at<&S::db, &Db::version_table>,
         "Table that says which version the others are."),
    duration("", "db_query_timeout", &at<&S::db, &Db::query_timeout>, kMs, 10, 60'000,
             "Wait for the answer of a database, the time in its queue included; in milliseconds."),
    duration("", "db_connect_timeout", &at<&S::db, &Db::connect_timeout>, kMs, 10, 60'000,
             "Wait for a connection to a database to be established; in milliseconds."),
    integer("", "db_max_async_connections", &at<&S::db, &Db::max_async_connections>, 1, 128,
            "Connections to one database."),
    integer("", "db_queue_limit", &at<&S::db, &Db::queue_limit>, 16, 16'777'216,
            "Most statements that wait for one database."),
    integer("", "db_batch_size", &at<&S::db, &Db::batch_size>, 1, 100'000,
            "Most rows that wait to be written and are written in one transaction."),
    duration("", "sctp_srto_initial", &at<&S::sctp, &Sctp::rto_initial>, kMs, 0, 60'000,
             "First wait for an acknowledgement before SCTP repeats; in milliseconds, 0 is the "
             "system's, like all of SCTP."),
    duration("", "sctp_srto_min", &at<&S::sctp, &Sctp::rto_min>, kMs, 0, 60'000,
             "Shortest such wait; in milliseconds."),
    duration("", "sctp_srto_max", &at<&S::sctp, &Sctp::rto_max>, kMs, 0, 600'000,
             "Longest such wait; in milliseconds."),
    integer("", "sctp_asocmaxrxt", &at<&S::sctp, &Sctp::association_retransmissions>, 0, 100,
            "Repetitions without an answer after which an SCTP association is lost."),
    integer("", "sctp_pathmaxrxt", &at<&S::sctp, &Sctp::path_retransmissions>, 0, 100,
            "Repetitions without an answer after which an address of an SCTP peer is given up."),
    integer("", "sctp_init_max_attempts", &at<&S::sctp, &Sctp::init_attempts>, 0, 100,
            "Most attempts to set an SCTP association up, within tcp_connect_timeout."),
    duration("", "sctp_hbinterval", &at<&S::sctp, &Sctp::heartbeat_interval>, kMs, 0, 3'600'000,
             "Time between heartbeats to an SCTP peer to which nothing goes; in milliseconds."),
    integer("", "inbox_limit", &at<&S::inbox_limit>, 64, 16'777'216,
            "Messages that may wait for one worker."),
    duration(
        "", "overload_limit", &at<&S::overload_limit>, kMs, 0, 60'000,
        "Refuse new requests while a worker needs longer than that for what waits for it; 0 is "
        "never; in milliseconds."),
    integer("", "memory_limit", &at<&S::memory_limit>, 0, 16'777'216,
            "Memory that the server may use, in MB; 0: what its control group allows, or else all "
            "that the machine has. New requests are refused from nine tenths of it on."),
    integer("", "source_limit", &at<&S::source_limit>, 0, 16'777'216,
            "Most messages of one source within source_limit_unit; 0 is no limit."),
    duration("", "source_limit_unit", &at<&S::source_limit_unit>, kMs, 100, 60'000,
             "Time in which source_limit counts; in milliseconds."),
    list("source_limit_exempt", Type::prefix, "Addresses to which source_limit does not apply."),
    integer("", "gather_time", &at<&S::gather_time>, 0, 10'000,
            "Microseconds from one look at the network to the next while messages come in quick "
            "succession, so that they are worked off together; 0: each as it comes."),
    path("pid_file", &at<&S::pid_file>, "File that gets the process id."),
    path("control_socket", &at<&S::control_socket>,
         "Unix stream socket for commands, which opensipsctl uses."),
    list("mpath", Type::path_list, "Directory of modules."),

    duration(kTm, "T1_timer", &at<&S::tm, &Tm::t1>, kMs, 10, 60'000,
             "RFC 3261 T1, the estimate of the round trip; in milliseconds."),
    duration(kTm, "T2_timer", &at<&S::tm, &Tm::t2>, kMs, 10, 600'000,
             "RFC 3261 T2, the longest interval between retransmissions; in milliseconds."),
    duration(kTm, "T4_timer", &at<&S::tm, &Tm::t4>, kMs, 10, 600'000,
             "RFC 3261 T4, how long a message stays in the network; in milliseconds."),
    duration(kTm, "fr_timeout", &at<&S::tm, &Tm::fr_timeout>, kSecond, 1, 3600,
             "Wait for a response to a request: RFC 3261 timers B and F; in seconds."),
    duration(kTm, "fr_inv_timeout", &at<&S::tm, &Tm::fr_inv_timeout>, kSecond, 1, kDay,
             "Wait for the final response to an INVITE after a provisional one: RFC 3261 timer C; "
             "in seconds."),
    duration(kTm, "timer_d", &at<&S::tm, &Tm::timer_d>, kSecond, 1, 3600,
             "RFC 3261 timer D, how long a client INVITE transaction absorbs retransmitted "
             "responses; in seconds."),
    duration(kTm, "wt_timer", &at<&S::tm, &Tm::wt_timer>, kSecond, 1, 3600,
             "How long an answered transaction is remembered: RFC 3261 timers H and J, RFC 6026 L "
             "and M; in seconds."),
    boolean(kTm, "auto_100trying", &at<&S::tm, &Tm::auto_100trying>,
            "Answer an INVITE with 100 at once."),
    integer(kTm, "max_branches", &at<&S::tm, &Tm::max_branches>, 1, 64,
            "Most branches of one request."),
    integer(kTm, "max_forwards_default", &at<&S::tm, &Tm::max_forwards_default>, 1, 255,
            "Max-Forwards of a request that has none."),
    boolean(kTm, "disable_6xx_block", &at<&S::tm, &Tm::disable_6xx_block>,
            "Take a 6xx as the refusal of one branch, which ends no other."),
    no_effect(kTm, "ruri_matching", Type::boolean, "A branch names its transaction."),
    no_effect(kTm, "via1_matching", Type::boolean, "The whole Via is compared."),
    no_effect(kTm, "delete_timer", Type::integer, "What has ended is freed at once."),
    no_effect(kTm, "pass_provisional_replies", Type::boolean, "They are passed."),
    no_effect(kTm, "syn_branch", Type::boolean, "Branches are made by the server's own rule."),
    no_effect(kTm, "minor_branch_flag", Type::any, "A script forks in rounds."),
    no_effect(kTm, "enable_stats", Type::boolean, "Statistics are always there."),
    no_effect(kTm, "timer_partitions", Type::integer, "Each worker has its own timers."),
    no_effect(kTm, "own_timer_proc", Type::boolean, "Each worker has its own timers."),
    no_effect(kTm, "restart_fr_on_each_reply", Type::boolean, "Timer C restarts as RFC 3261 says."),
    no_effect(kTm, "onreply_avp_mode", Type::boolean,
              "Variables of a script live as long as the call it handles."),

    duration(kDialog, "default_timeout", &at<&S::dialog, &Dialog::default_timeout>, kSecond, 0,
             365 * kDay,
             "Lifetime of a dialog, after which both sides get a BYE; 0 is no end; in seconds."),
    duration(kDialog, "options_ping_interval", &at<&S::dialog, &Dialog::options_ping_interval>,
             kSecond, 0, kDay,
             "Between OPTIONS to each side of a dialog; one that does not answer, or knows it no "
             "more, ends it; 0 is none; in seconds."),
    duration(kDialog, "reinvite_ping_interval", &at<&S::dialog, &Dialog::reinvite_ping_interval>,
             kSecond, 0, kDay,
             "Between re-INVITEs to each side of a dialog, in place of OPTIONS; 0 is none; in "
             "seconds."),
    boolean(kDialog, "all_invites", &at<&S::dialog, &Dialog::all_invites>,
            "Make a dialog for every INVITE, not only where the script says so."),
    integer(kDialog, "db_mode", &at<&S::dialog, &Dialog::db_mode>, 0, 3,
            "Keep dialogs in a database, for the next start: 0 no, 1 written at once, 2 every "
            "db_update_period, 3 when the server stops."),
    kDialogUrl,
    duration(kDialog, "db_update_period", &at<&S::dialog, &Dialog::db_update_period>, kSecond, 1,
             kDay, "What happens to dialogs is written so often, with db_mode 2; in seconds."),
    text(kDialog, "table_name", &at<&S::dialog, &Dialog::table_name>,
         "Table that dialogs are kept in."),
    no_effect(kDialog, "db_flush_vals_profiles", Type::any,
              "Variables and profiles are always written with their dialog."),
    no_effect(kDialog, "timer_bulk_del_no", Type::integer, "See db_batch_size."),
    no_effect(kDialog, "profiles_with_value", Type::any, "Profiles need not be declared."),
    no_effect(kDialog, "profiles_no_value", Type::any, "Profiles need not be declared."),
    no_effect(kDialog, "enable_stats", Type::boolean, "There are always statistics."),
    no_effect(kDialog, "hash_size", Type::integer, "Tables grow with what they hold."),
    no_effect(kDialog, "log_profile_hash_size", Type::integer, "Tables grow with what they hold."),
    no_effect(kDialog, "rr_param", Type::any,
              "The parameter did of our Record-Route proves a dialog; it does not number it."),
    no_effect(kDialog, "dlg_match_mode", Type::any, "Dialogs are matched by Call-ID and tags."),
    no_effect(kDialog, "timeout_avp", Type::any, "A script says lifetime when it makes a dialog."),

    kDomainUrl,
    text(kDomain, "domain_table", &at<&S::domain, &Domain::table>, "Table of the domains."),
    text(kDomain, "domain_col", &at<&S::domain, &Domain::name_column>, "Its column of names."),
    text(kDomain, "attrs_col", &at<&S::domain, &Domain::attributes_column>,
         "Its column of attributes, which scripts may ask for."),
    text(kDomain, "subdomain_col", &at<&S::domain, &Domain::subdomain_column>,
         "Its column that says, with 1, that all names below a domain are ours as well."),
    no_effect(kDomain, "db_mode", Type::integer, "The domains are always kept in memory."),

    duration(kSst, "min_se", &at<&S::sst, &Sst::min_se>, kSecond, 90, kDay,
             "Shortest interval in which a session may have to be refreshed; in seconds."),
    duration(kSst, "sst_interval", &at<&S::sst, &Sst::interval>, kSecond, 0, kDay,
             "Interval in which the sessions of dialogs have to be refreshed; 0 is what the sides "
             "want; in seconds."),
    boolean(kSst, "reject_to_small", &at<&S::sst, &Sst::reject_to_small>,
            "Answer 422 to who asks for less than min_se; else it is raised."),
    no_effect(kSst, "enable_stats", Type::boolean, "There are always statistics."),
    no_effect(kSst, "timeout_avp", Type::any, "A session that is not refreshed ends by itself."),
    no_effect(kSst, "sst_flag", Type::any, "It is for all dialogs; a script may say otherwise."),

    boolean(kProtoTcp, "tcp_crlf_pingpong", &at<&S::tcp, &Tcp::crlf_pingpong>,
            "Answer the keepalive CRLF CRLF with CRLF (RFC 5626)."),
    duration(kProtoTcp, "tcp_send_timeout", &at<&S::tcp, &Tcp::send_timeout>, kMs, 10, 600'000,
             "Close a TCP connection whose peer reads nothing for so long while bytes wait; in "
             "milliseconds."),
    no_effect(kProtoTcp, "tcp_port", Type::integer, "A socket has port 5060 unless it says more."),
    no_effect(kProtoTcp, "tcp_async", Type::any, "Connecting and sending never wait."),
    no_effect(kProtoTcp, "tcp_max_msg_chunks", Type::integer,
              "A message may come in any number of pieces: see tcp_max_msg_time."),

    duration(kProtoTls, "tls_handshake_timeout", &at<&S::tcp, &Tcp::handshake_timeout>, kMs, 10,
             600'000, "Close a TLS connection whose handshake takes longer; in milliseconds."),
    no_effect(kProtoTls, "tls_port", Type::integer, "A socket has port 5061 unless it says more."),
    no_effect(kProtoTls, "tls_send_timeout", Type::integer, "See tcp_send_timeout."),
    no_effect(kProtoTls, "tls_crlf_pingpong", Type::any, "See tcp_crlf_pingpong."),
    no_effect(kProtoTls, "tls_async", Type::any, "Connecting and sending never wait."),
    no_effect(kProtoTls, "tls_max_msg_chunks", Type::integer,
              "A message may come in any number of pieces: see tcp_max_msg_time."),

    tls("server_domain", "Names a TLS domain for connections that are accepted."),
    tls("client_domain", "Names a TLS domain for connections that are opened."),
    tls("match_ip_address",
        "Addresses that the domain is for, of ours, of a client domain of the "
        "peer; without a port any, * is all."),
    tls("match_sip_domain",
        "Names that the domain is for, with wildcards; * is all, none no name."),
    tls_path("certificate", "File of the certificate, with those between it and its CA behind it."),
    tls_path("private_key", "File of its key."),
    tls_path("ca_list", "File of the CAs that are trusted."),
    tls_path("ca_dir", "Directory of the CAs that are trusted, by their hashes."),
    tls_path("crl_dir", "Directory of revocation lists, by their hashes."),
    tls("crl_check_all", "Look for revoked certificates in the whole chain, not its end alone."),
    tls("ciphers_list", "Ciphers up to TLS 1.2, as openssl-ciphers(1) writes them."),
    tls("tls_method", "Versions that are spoken."),
    tls("verify_cert", "Verify the certificate of the peer."),
    tls("require_cert", "Refuse a client without a certificate."),
    tls("verify_hostname",
        "The certificate of a server has to be that of the domain called: RFC "
        "5922."),
    tls_path("dh_params", "File of the parameters for ciphers with DH; those of RFC 7919 without."),
    tls("ec_curve", "Curves for the key exchange, with colons between them."),
    no_effect(kTlsMgm, "tls_library", Type::any, "It is OpenSSL."),
    kTlsUrl,
    text(kTlsMgm, "db_table", &at<&S::tls_table, &Tls::name>, "Table of more TLS domains."),
    text(kTlsMgm, "domain_col", &at<&S::tls_table, &Tls::domain>, "Its column of their names."),
    text(kTlsMgm, "match_ip_address_col", &at<&S::tls_table, &Tls::match_ip_address>,
         "Its column of match_ip_address."),
    text(kTlsMgm, "match_sip_domain_col", &at<&S::tls_table, &Tls::match_sip_domain>,
         "Its column of match_sip_domain."),
    text(kTlsMgm, "tls_method_col", &at<&S::tls_table, &Tls::method>, "Its column of tls_method."),
    text(kTlsMgm, "verify_cert_col", &at<&S::tls_table, &Tls::verify_cert>,
         "Its column of verify_cert."),
    text(kTlsMgm, "require_cert_col", &at<&S::tls_table, &Tls::require_cert>,
         "Its column of require_cert."),
    text(kTlsMgm, "certificate_col", &at<&S::tls_table, &Tls::certificate>,
         "Its column of certificates, in PEM."),
    text(kTlsMgm, "private_key_col", &at<&S::tls_table, &Tls::private_key>,
         "Its column of keys, in PEM."),
    text(kTlsMgm, "crl_check_all_col", &at<&S::tls_table, &Tls::crl_check_all>,
         "Its column of crl_check_all."),
    text(kTlsMgm, "crl_dir_col", &at<&S::tls_table, &Tls::crl_dir>, "Its column of crl_dir."),
    text(kTlsMgm, "ca_list_col", &at<&S::tls_table, &Tls::ca_list>,
         "Its column of the CAs that are trusted, in PEM."),
    text(kTlsMgm, "ca_dir_col", &at<&S::tls_table, &Tls::ca_dir>, "Its column of ca_dir."),
    text(kTlsMgm, "ciphers_list_col", &at<&S::tls_table, &Tls::ciphers_list>,
         "Its column of ciphers_list."),
    text(kTlsMgm, "dh_params_col", &at<&S::tls_table, &Tls::dh_params>,
         "Its column of parameters for DH, in PEM."),
    text(kTlsMgm, "ec_curve_col", &at<&S::tls_table, &Tls::ec_curve>, "Its column of ec_curve."),

    no_effect("proto_sctp", "sctp_port", Type::integer,
              "A socket has port 5060 unless it says more."),
    duration(kProtoWs, "ws_handshake_timeout", &at<&S::ws, &Ws::handshake_timeout>, kMs, 10, 60'000,
             "Wait for the whole HTTP request of a WebSocket client; in milliseconds."),
    duration(
        kProtoWs, "ws_keepalive_interval", &at<&S::ws, &Ws::keepalive_interval>, kSecond, 0, kDay,
        "Ping a WebSocket client from which nothing has come for so long, and close the connection "
        "unless something comes within as long again; 0 is never; in seconds."),
    boolean(kProtoWs, "require_origin", &at<&S::ws, &Ws::require_origin>,
            "Refuse WebSocket clients that name no Origin, as browsers do."),
    kOrigins,
    text(kProtoWs, "ws_resource", &at<&S::ws, &Ws::resource>,
         "Path that WebSocket clients have to ask for, as \"/sip\"; any if there is none."),
    no_effect(kProtoWs, "ws_port", Type::integer, "A socket has port 80 unless it says more."),
    no_effect(kProtoWs, "ws_send_timeout", Type::integer, "See tcp_send_timeout of proto_tcp."),
    no_effect(kProtoWs, "ws_max_msg_chunks", Type::integer,
              "A message may come in any number of pieces: see tcp_max_msg_time."),
    no_effect("proto_wss", "wss_port", Type::integer, "A socket has port 443 unless it says more."),
    no_effect("proto_wss", "wss_resource", Type::any, "See ws_resource of proto_ws."),
    no_effect("proto_wss", "wss_handshake_timeout", Type::integer,
              "See ws_handshake_timeout of proto_ws."),
    no_effect("proto_wss", "wss_max_msg_chunks", Type::integer,
              "A message may come in any number of pieces: see tcp_max_msg_time."),
    no_effect("proto_wss", "require_origin", Type::boolean, "See require_origin of proto_ws."),

    no_effect("rr", "append_fromtag", Type::boolean, "The dialog layer keeps the tags."),
    no_effect("rr", "enable_double_rr", Type::boolean,
              "The dialog layer adds two headers when a call changes sockets."),

    duration(kRegistrar, "default_expires", &at<&S::registrar, &Registrar::default_expires>,
             kSecond, 1, 365 * kDay, "Lifetime of a contact that asks for none; in seconds."),
    duration(kRegistrar, "min_expires", &at<&S::registrar, &Registrar::min_expires>, kSecond, 0,
             365 * kDay, "Shortest lifetime of a contact; in seconds."),
    duration(kRegistrar, "max_expires", &at<&S::registrar, &Registrar::max_expires>, kSecond, 0,
             365 * kDay, "Longest lifetime of a contact, 0 is no limit; in seconds."),
    integer(kRegistrar, "max_contacts", &at<&S::registrar, &Registrar::max_contacts>, 0, 1000,
            "Most contacts of one address of record, 0 is no limit."),
    integer(kRegistrar, "default_q", &at<&S::registrar, &Registrar::default_q>, -1, 1000,
            "q of a contact that has none, in thousandths; -1 is none."),
    kRegistrarDomains,
    boolean(kRegistrar, "disable_gruu", &at<&S::registrar, &Registrar::disable_gruu>,
            "Give no client a GRUU (RFC 5627)."),
    no_effect(kRegistrar, "tcp_persistent_flag", Type::any,
              "Connections of registered contacts are kept."),
    no_effect(kRegistrar, "received_avp", Type::any,
              "The source of a REGISTER is kept with its contacts."),

    duration(
        kNathelper, "natping_interval", &at<&S::nathelper, &Nathelper::natping_interval>, kSecond,
        0, 3600,
        "How often something is sent to each registered contact, so that a NAT does not forget "
        "it; in seconds, 0 is never."),
    boolean(kNathelper, "ping_nated_only", &at<&S::nathelper, &Nathelper::ping_nated_only>,
            "Only to contacts behind a NAT."),
    Parameter{.module = kNathelper,
              .name = "natping_type",
              .type = Type::choice,
              .doc = "What is sent: an empty line, or a Binding indication of STUN.",
              .target = &at<&S::nathelper, &Nathelper::natping_type>,
              .choices = kNatpingTypes},
    Parameter{.module = kNathelper,
              .name = "sipping_from",
              .type = Type::text,
              .doc = "From of requests that are sent instead; contacts that answer none are "
                     "dropped.",
              .target = &at<&S::nathelper, &Nathelper::sipping_from>,
              .max = 256,
              .prefix = "sip:"},
    text(kNathelper, "sipping_method", &at<&S::nathelper, &Nathelper::sipping_method>,
         "Method of these requests."),
    integer(kNathelper, "max_pings_lost", &at<&S::nathelper, &Nathelper::max_pings_lost>, 0, 1000,
            "How many of them in a row may stay without an answer, 0 is any number."),
    no_effect(kNathelper, "natping_processes", Type::any, "One worker sends them all."),
    no_effect(kNathelper, "natping_tcp", Type::any,
              "Connections are kept open by what they are of."),
    no_effect(kNathelper, "sipping_bflag", Type::any, "See sipping_from."),
    no_effect(kNathelper, "remove_on_timeout_bflag", Type::any, "See max_pings_lost."),
    no_effect(kNathelper, "received_avp", Type::any,
              "The source of a REGISTER is kept with its contacts."),

    path(kMiDatagram, "socket_name", &at<&S::mi_datagram, &Datagram::socket_name>,
         "Unix datagram socket for commands."),
    mode(kMiDatagram, "unix_socket_mode", &at<&S::mi_datagram, &Datagram::mode>,
         "Permissions of the socket."),
    text(kMiDatagram, "unix_socket_user", &at<&S::mi_datagram, &Datagram::user>,
         "Owner of the socket, who may use it too."),
    text(kMiDatagram, "unix_socket_group", &at<&S::mi_datagram, &Datagram::group>,
         "Group of the socket, whose members may use it too."),
    no_effect(kMiDatagram, "children_count", Type::integer, "The control thread answers."),
    no_effect(kMiDatagram, "socket_timeout", Type::integer, "Nothing waits for a client."),
    no_effect(kMiDatagram, "pretty_printing", Type::boolean, kOneLine),
    no_effect(kMiDatagram, "trace_destination", Type::any, kNoTrace),
    no_effect(kMiDatagram, "trace_bwlist", Type::any, kNoTrace),

    path(kMiFifo, "fifo_name", &at<&S::mi_fifo, &Fifo::fifo_name>, "FIFO for commands."),
    mode(kMiFifo, "fifo_mode", &at<&S::mi_fifo, &Fifo::mode>, "Permissions of the FIFO."),
    text(kMiFifo, "fifo_user", &at<&S::mi_fifo, &Fifo::user>, "Owner of the FIFO."),
    text(kMiFifo, "fifo_group", &at<&S::mi_fifo, &Fifo::group>, "Group of the FIFO."),
    path(kMiFifo, "reply_dir", &at<&S::mi_fifo, &Fifo::reply_dir>,
         "Directory in which clients make the FIFOs for their answers."),
    no_effect(kMiFifo, "pretty_printing", Type::boolean, kOneLine),
    no_effect(kMiFifo, "trace_destination", Type::any, kNoTrace),
    no_effect(kMiFifo, "trace_bwlist", Type::any, kNoTrace),

    no_effect("usrloc", "nat_bflag", Type::any, "The NAT layer marks contacts itself."),
    kWorkingMode,
    kUsrlocUrl,
    kUsrlocShared,
    duration("usrloc", "timer_interval", &at<&S::usrloc, &Usrloc::timer_interval>, kSecond, 1, 3600,
             "How often contacts are written, with write-back; in seconds."),
};

}  // namespace

std::span<const Parameter> parameters() {
  return kParameters;
}

}  // namespace opensips::config
