#pragma once

#include <cstdint>
#include <string_view>

#include "base/arena.hh"
#include "base/siphash.hh"
#include "l1_parser/message.hh"
#include "l1_parser/uri.hh"

namespace opensips::dialog {

/// The parameter of our Record-Route URIs by which an in-dialog request proves that it belongs to a
/// dialog that we let through: `did=EPOCH.MAC`, the MAC over Call-ID, the initial From tag and the
/// epoch. Without it a forged To tag would be a way around the script.
inline constexpr std::string_view kProofParam = "did";

/// `did=…` in the arena, for an initial request.
std::string_view write_proof(base::Arena& arena, const base::SipKey& key, std::uint32_t epoch,
                             const parser::Message& request);

/// True if the URI, a Route of ours, proves that the request is in a dialog of ours. The initial
/// From tag is in From if the caller sends, in To if the callee does.
bool proves(const base::SipKey& key, const parser::Uri& route, const parser::Message& request);

}  // namespace opensips::dialog
