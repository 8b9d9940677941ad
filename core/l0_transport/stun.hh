#pragma once

#include <cstdint>
#include <string_view>

#include "base/address.hh"
#include "base/wire.hh"

namespace opensips::transport {

/// The answer to a STUN message (RFC 8489; RFC 5626 3.5.2 has phones keep their NAT open so): to a
/// Binding request a success response with where it came from, in XOR-MAPPED-ADDRESS, and with a
/// FINGERPRINT if the request has one; 420 if it asks for what is not known here. Nothing for
/// everything else: indications, responses, and what is malformed. No state, no credentials. Any
/// thread.
base::WireRef stun_answer(std::string_view bytes, const base::Address& from);

/// The CRC-32 of ISO 3309, as FINGERPRINT has it.
std::uint32_t stun_crc32(std::string_view bytes);

}  // namespace opensips::transport
