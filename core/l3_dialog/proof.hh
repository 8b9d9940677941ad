#pragma once

#include <cstdint>
#include <string_view>

#include "base/arena.hh"
#include "base/flow.hh"
#include "base/siphash.hh"
#include "l1_parser/message.hh"
#include "l1_parser/uri.hh"

namespace opensips::dialog {

/// The parameter of our Record-Route URIs by which an in-dialog request proves that it belongs to a
/// dialog that we let through: `did=EPOCH.MAC`, the MAC over Call-ID, the initial From tag and the
/// epoch. Without it a forged To tag would be a way around the script. Where the peer on that side
/// has a connection with us it is `did=EPOCH.MAC.CONNECTION`, and the MAC is over that too: the
/// flow token of RFC 5626 5.2, by which a request reaches a client that cannot be connected to.
inline constexpr std::string_view kProofParam = "did";

/// `did=…` in the arena, for an initial request. `connection`: of the peer on the side of the
/// socket that the Record-Route names; none if it has none.
std::string_view write_proof(base::Arena& arena, const base::SipKey& key, std::uint32_t epoch,
                             const parser::Message& request, base::ConnectionId connection = {});

/// True if the URI, a Route of ours, proves that the request is in a dialog of ours. The initial
/// From tag is in From if the caller sends, in To if the callee does.
bool proves(const base::SipKey& key, const parser::Uri& route, const parser::Message& request);

/// The URI has the place of a connection in its proof, whether that holds or not.
bool names_connection(const parser::Uri& route);

/// The connection that a proof which holds names; none if it names none, or one of another process
/// than that of `epoch`.
base::ConnectionId proven_connection(const parser::Uri& route, std::uint32_t epoch);

}  // namespace opensips::dialog
