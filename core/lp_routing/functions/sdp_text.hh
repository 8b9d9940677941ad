#pragma once

#include <string_view>

#include "lp_routing/functions/function.hh"

namespace opensips::routing {

/// A session description as a table, or a Problem. The table's texts are parts of `text`.
Value sdp_table(std::string_view text);

/// What sdp_table() gives, written: text, or a Misuse that says what is wrong.
Value sdp_text(const Call& call, const Value& table);

/// The fields of the table, for the manual.
inline constexpr std::string_view kSdpFields =
    "version, origin (username, session_id, session_version, net_type, address_type, address), "
    "name, info, uri, connection (net_type, address_type, address), bandwidths, times, attributes "
    "(a list: \"sendrecv\", \"rtpmap:0 PCMU/8000\"), other (lines of other types, whole), and "
    "media: a list of tables with type, port, ports, protocol, formats (a list), info, connection, "
    "bandwidths, attributes and other.";

}  // namespace opensips::routing
