#pragma once

#include <cstdint>
#include <string_view>

namespace opensips::dialog {

/// What has become of a dialog (RFC 3261 12); the numbers are those of OpenSIPS, for operators and
/// tables.
enum class State : std::uint8_t {
  unconfirmed = 1,     ///< the INVITE is on its way, nobody has answered
  early = 2,           ///< a provisional response with a To tag has gone to the caller
  unacknowledged = 3,  ///< a 2xx has gone to the caller, its ACK has not come
  confirmed = 4,       ///< the ACK has passed
  ended = 5,           ///< by a BYE, a refusal, or one of Ending's other ways
};

constexpr std::string_view to_string(State state) {
  constexpr std::string_view names[] = {"",          "unconfirmed", "early", "unacknowledged",
                                        "confirmed", "ended"};
  return names[static_cast<unsigned>(state)];
}

/// Answered with a 2xx, and not over.
constexpr bool is_established(State state) {
  return state == State::unacknowledged || state == State::confirmed;
}

/// Why a dialog is over.
enum class Ending : std::uint8_t {
  none,      ///< it is not
  failed,    ///< the INVITE was refused, cancelled, or answered by nobody
  caller,    ///< BYE of the caller
  callee,    ///< BYE of the callee
  lifetime,  ///< it lasted as long as it may
  session,   ///< its session was not refreshed in time (RFC 4028)
  ping,      ///< one side did not answer, or knows the dialog no more
  command,   ///< an operator
  script,    ///< the routing program
};

constexpr std::string_view to_string(Ending ending) {
  constexpr std::string_view names[] = {"",        "failed", "caller",  "callee", "lifetime",
                                        "session", "ping",   "command", "script"};
  return names[static_cast<unsigned>(ending)];
}

}  // namespace opensips::dialog
