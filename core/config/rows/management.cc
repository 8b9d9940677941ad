#include "config/rows/groups.hh"
#include "config/rows/row.hh"

namespace opensips::config::rows {
namespace {

using S = Settings;
using Datagram = DatagramSettings;
using Fifo = FifoSettings;

constexpr std::string_view kMiDatagram = "mi_datagram";
constexpr std::string_view kMiFifo = "mi_fifo";
constexpr std::string_view kOneLine = "An answer is one line.";
constexpr std::string_view kNoTrace = "Nothing is traced.";

constexpr Parameter kRows[] = {
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
};

}  // namespace

std::span<const Parameter> of_management() {
  return kRows;
}

}  // namespace opensips::config::rows
