#pragma once

#include <optional>
#include <string_view>

#include "base/flow.hh"
#include "base/siphash.hh"
#include "l1_parser/draft.hh"
#include "l1_parser/message.hh"

namespace opensips::parser {

/// A reply to the request, in its arena, with the To tag that every reply of ours to this request
/// has (none for a 100; RFC 3261 8.2.6.2): made from the request alone, so that it needs no state.
/// `reason` empty: the usual one; it must live as long as the message.
Draft* make_reply(Message& request, const base::SipKey& key, unsigned code,
                  std::string_view reason = {});

/// A 503 that asks to come back in 1 to 5 seconds (RFC 3261 21.5.4): not all at the same time, but
/// who asks again is told the same.
Draft* make_overload_reply(Message& request, const base::SipKey& key);

/// True if the ACK is for a refusal that make_reply() made: it has the tag of one. The ACK for a
/// 2xx has a branch of its own, and so another.
bool acknowledges_reply(const Message& ack, const base::SipKey& key);

/// Where answers to the request go: back over its connection, or where it came from, to the port of
/// its Via unless it asked for rport (RFC 3261 18.2.2, RFC 3581 4).
base::Flow reply_flow(const Message& request);

/// What stands behind the topmost Via in its header, which is at `place`: the next one and those
/// behind it, or nothing. Of a message without a fault.
std::string_view vias_behind_top(const Message& message, std::size_t place);

/// There is a Via below the topmost: whoever takes that off sends the response on. One that has
/// none is for nobody behind (RFC 3261 16.7 step 3).
bool goes_further(const Message& response);

/// Where the Via below the topmost says that its answers go, but for the socket (RFC 3261 18.2.2,
/// RFC 3581 4); nothing if it says no address.
std::optional<base::Flow> next_via_flow(const Message& response);

/// Writes into the top Via, as an edit, where the request really came from (RFC 3261 18.2.1, RFC
/// 3581 4). May be called again.
void stamp_via(Message& request);

}  // namespace opensips::parser
