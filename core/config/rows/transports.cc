#include "config/rows/groups.hh"
#include "config/rows/row.hh"

namespace opensips::config::rows {
namespace {

using S = Settings;
using Tcp = TcpSettings;
using Sctp = SctpSettings;

constexpr std::string_view kProtoTcp = "proto_tcp";

constexpr std::string_view kSegmentation[] = {"auto", "yes", "no"};
constexpr std::string_view kMtuTransports[] = {"TCP", "UDP"};

constexpr Parameter kRows[] = {
    integer("", "udp_receive_buffer", &at<&S::udp_receive_buffer>, 0, INT_MAX,
            "Receive buffer of a UDP socket in bytes; 0 is the system's."),
    integer("", "udp_send_buffer", &at<&S::udp_send_buffer>, 0, INT_MAX,
            "Send buffer of a UDP socket in bytes; 0 is the system's."),
    integer("", "maxbuffer", &at<&S::maxbuffer>, 0, INT_MAX,
            "What the receive buffer of a UDP socket is raised to, in bytes, as far as the system "
            "lets; 0 leaves it."),
    choice("", "udp_segmentation", &at<&S::udp_segmentation>, kSegmentation,
           "Give the kernel datagrams for one peer in one piece; auto is while nobody captures."),
    integer("", "udp_mtu", &at<&S::udp_mtu>, 0, 65'535,
            "Largest request sent by UDP, in bytes; 0 is any."),
    choice("", "udp_mtu_try_proto", &at<&S::udp_mtu_try_proto>, kMtuTransports,
           "Transport of requests larger than udp_mtu."),
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
    boolean(kProtoTcp, "tcp_crlf_pingpong", &at<&S::tcp, &Tcp::crlf_pingpong>,
            "Answer the keepalive CRLF CRLF with CRLF (RFC 5626)."),
    duration(kProtoTcp, "tcp_send_timeout", &at<&S::tcp, &Tcp::send_timeout>, kMs, 10, 600'000,
             "Close a TCP connection whose peer reads nothing for so long while bytes wait; in "
             "milliseconds."),
    no_effect(kProtoTcp, "tcp_port", Type::integer, "A socket has port 5060 unless it says more."),
    no_effect(kProtoTcp, "tcp_async", Type::any, "Connecting and sending never wait."),
    no_effect(kProtoTcp, "tcp_max_msg_chunks", Type::integer,
              "A message may come in any number of pieces: see tcp_max_msg_time."),

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
    no_effect("proto_sctp", "sctp_port", Type::integer,
              "A socket has port 5060 unless it says more."),
};

}  // namespace

std::span<const Parameter> of_transports() {
  return kRows;
}

}  // namespace opensips::config::rows
