#pragma once

#include <cstdint>
#include <string_view>

#include "base/siphash.hh"
#include "l1_parser/message.hh"

namespace opensips::transaction {

/// What a server transaction is found by, as a keyed hash (RFC 3261 17.2.3): the top Via's branch
/// and sent-by and the method; for a branch without the magic cookie the parts that RFC 2543
/// compares. `method` may differ from the request's: an ACK or a CANCEL looks for its INVITE.
std::uint64_t server_key(const base::SipKey& key, const parser::Message& request,
                         parser::Method method);

/// What two copies of one request have in common that came by different ways (RFC 3261 8.2.2.2):
/// From tag, Call-ID, CSeq, and the Request-URI, since a spiral may come back with another one.
std::uint64_t merge_key(const base::SipKey& key, const parser::Message& request);

/// What the ACK for a 2xx of ours is found by, which has a branch of its own (RFC 3261 13.3.1.4):
/// the dialog and the CSeq of its INVITE. `to_tag`: the 2xx's.
std::uint64_t ack_key(const base::SipKey& key, const parser::Message& request,
                      std::string_view to_tag);

}  // namespace opensips::transaction
