#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "l1_parser/draft.hh"
#include "l1_parser/message.hh"

namespace opensips::dialog {

/// The part of a proxy in keeping sessions refreshed (RFC 4028 8): what it asks for. Seconds; 0:
/// nothing of its own.
struct SessionWish {
  std::uint32_t interval = 0;  ///< Session-Expires at most
  std::uint32_t least = 0;     ///< Min-SE: a shorter one is refused, or made longer
  bool refuses = true;
};

/// Intervals below this are nobody's to ask for (RFC 4028 5).
inline constexpr std::uint32_t kLeastSession = 90;

/// Session-Expires of a message, in seconds; nothing if it has none.
std::optional<std::uint32_t> session_expires(const parser::Message& message);

/// The sender can be told 422, and would refresh (Supported: timer).
bool supports_timer(const parser::Message& request);

/// The request asks for a shorter interval than `wish.least`, and understands a 422 that says so.
bool is_session_too_short(const parser::Message& request, const SessionWish& wish);

/// Writes what the proxy asks for into an INVITE or UPDATE (RFC 4028 8.1). What stands in it then,
/// in seconds; 0: nothing, or nothing is asked for.
std::uint32_t ask_for_session(parser::Message& request, parser::Draft& draft,
                              const SessionWish& wish);

/// "Min-SE: 90" with its CRLF: for a 422.
std::string_view min_se_line(base::Arena& arena, std::uint32_t seconds);

/// What a 2xx says about its session: seconds; 0: it needs no refresh. If the callee does not know
/// session timers but the caller does, the caller is told to refresh (RFC 4028 8.2): `asked` is
/// what ask_for_session() gave, `caller_supports` whether the request did.
std::uint32_t settle_session(parser::Message& response, parser::Draft& draft, std::uint32_t asked,
                             bool caller_supports);

}  // namespace opensips::dialog
