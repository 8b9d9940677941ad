#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/arena.hh"
#include "base/siphash.hh"
#include "l1_parser/message.hh"
#include "l1_parser/uri.hh"
#include "l3_dialog/way.hh"

namespace opensips::dialog {

/// The parameter of our Record-Route URIs by which an in-dialog request proves that it belongs to a
/// dialog that we let through: `did=EPOCH.MAC`, the MAC over Call-ID, the initial From tag and the
/// epoch. Without it a forged To tag would be a way around the script. Where a side is reached in a
/// way of its own it is `did=EPOCH.MAC.WAY`, and the MAC is over that too: the flow token of RFC
/// 5626 5.2. WAY is the number of a connection, or 'u' with an address and a port.
inline constexpr std::string_view kProofParam = "did";

/// `did=…` in the arena, for an initial request. `way`: to the peer on the side of the socket that
/// the Record-Route names; none if what it says of itself is good.
std::string_view write_proof(base::Arena& arena, const base::SipKey& key, std::uint32_t epoch,
                             const parser::Message& request, const Way& way = {});

/// True if the URI, a Route of ours, proves that the request is in a dialog of ours. The initial
/// From tag is in From if the caller sends, in To if the callee does.
bool proves(const base::SipKey& key, const parser::Uri& route, const parser::Message& request);

/// The URI has the place of a way in its proof, whether that holds or not.
bool names_way(const parser::Uri& route);

/// The way that a proof which holds names: an empty one if it names none, nothing if it does not
/// hold. A connection of another process than that of `epoch` is none; an address outlives the
/// process.
std::optional<Way> proven_way(const base::SipKey& key, const parser::Uri& route,
                              const parser::Message& request, std::uint32_t epoch);

}  // namespace opensips::dialog
