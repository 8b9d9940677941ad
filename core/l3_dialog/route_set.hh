#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/siphash.hh"
#include "l0_transport/sockets.hh"
#include "l1_parser/edits.hh"
#include "l1_parser/message.hh"
#include "l3_dialog/proof.hh"

namespace opensips::dialog {

/// What the Route headers of a request say (RFC 3261 16.4), once those that mean us are taken off.
struct RouteSet {
  bool ours = false;    ///< the topmost Route (or, from a strict router, the Request-URI) was ours
  bool proven = false;  ///< one of those that were ours proves the dialog
  std::uint16_t socket = base::Flow::kAnySocket;  ///< the last of ours: the socket to send from
  Way way;                                        ///< that the same one names: to who is behind it
  bool over_flow = false;          ///< the way is of a flow token: to a client, without a dialog
  bool sender_behind_nat = false;  ///< so one before it says of the side that it came from
  std::string_view next;           ///< the URI of the topmost Route that is not ours; empty: none
  bool next_is_strict =
      false;  ///< it has no `lr`: a strict router (16.6 step 6); its Route is taken off too
  std::string_view request_uri;  ///< the Request-URI restored from the last Route; empty: unchanged
};

/// Reads the Route headers and takes ours off, as edits to `edits`. Nothing if a Route does not
/// parse. `epoch`: of this process, whose connections count.
std::optional<RouteSet> take_routes(parser::Message& request, const transport::Sockets& sockets,
                                    const base::SipKey& key, std::uint32_t epoch,
                                    parser::Edits& edits);

}  // namespace opensips::dialog
