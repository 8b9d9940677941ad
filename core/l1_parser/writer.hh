#pragma once

#include <string_view>

#include "base/wire.hh"
#include "l1_parser/draft.hh"
#include "l1_parser/message.hh"

namespace opensips::parser {

/// The bytes of a draft. Headers that no edit names go out byte for byte and in order; with a
/// changed body Content-Length follows it. `server` is the value of the Server header of replies;
/// empty: none.
base::WireRef write(const Message& message, const Draft& draft, std::string_view server = {});

/// How many bytes write() would make of a draft that forwards.
std::size_t forwarded_size(const Message& message, const Draft& draft);

/// The ACK for a final response other than 2xx, made from the bytes of the INVITE that the branch
/// sent (RFC 3261 17.1.1.3): its Request-URI, top Via and Routes, the response's To.
base::WireRef write_ack(std::string_view invite, const Message& response);

/// The CANCEL for the INVITE that a branch sent (RFC 3261 9.1). `headers`: whole lines to add
/// (Reason).
base::WireRef write_cancel(std::string_view invite, std::string_view headers = {});

}  // namespace opensips::parser
