#pragma once

#include <span>

#include "config/parameter.hh"

/// The rows of the schema, by what they are about: a file for each group, for global parameters and
/// those of the modules that belong there. The schema is all of them.
namespace opensips::config::rows {

std::span<const Parameter> of_server();      ///< threads, names, logs, files, the script, messages
std::span<const Parameter> of_limits();      ///< what keeps a flood from doing harm
std::span<const Parameter> of_transports();  ///< UDP, TCP and SCTP: proto_tcp, proto_sctp
std::span<const Parameter> of_tls();         ///< proto_tls, tls_mgm
std::span<const Parameter> of_websockets();  ///< proto_ws, proto_wss
std::span<const Parameter> of_dns();
std::span<const Parameter> of_databases();     ///< what all who keep something there have in common
std::span<const Parameter> of_transactions();  ///< tm
std::span<const Parameter> of_dialogs();       ///< dialog, rr, sst
std::span<const Parameter> of_nat();           ///< nathelper
std::span<const Parameter> of_location();      ///< domain, registrar, usrloc
std::span<const Parameter> of_management();    ///< mi_datagram, mi_fifo

}  // namespace opensips::config::rows
