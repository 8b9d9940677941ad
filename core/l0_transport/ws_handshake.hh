#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "l0_transport/ws_options.hh"

namespace opensips::transport {

/// Why a client is not let in.
enum class WsRefusal : std::uint8_t {
  bad_request,  ///< no good HTTP, a header missing or wrong: 400
  protocol,     ///< it does not offer the subprotocol `sip` (RFC 7118 4.1): 400
  origin,       ///< a page of another site, or none is named: 403
  resource,     ///< another path: 404
  upgrade,      ///< no request for a WebSocket, or for one of another version: 426
};
inline constexpr unsigned kWsRefusals = 5;

/// The server's side of the opening handshake (RFC 6455 4.2, RFC 7118 4).
struct WsHandshake {
  std::size_t used = 0;              ///< bytes of the request
  std::optional<WsRefusal> refusal;  ///< none: from now on there are frames
  std::string answer;                ///< the HTTP response
  std::string origin;                ///< as the client names it, for a log line
};

/// The longest request that is read.
inline constexpr std::size_t kMaxWsRequest = 8192;

/// Answers the request at the beginning of `bytes`. Nothing if that is not whole; the caller ends
/// one that grows beyond kMaxWsRequest with `refuse_ws(WsRefusal::bad_request)`.
std::optional<WsHandshake> answer_ws_handshake(std::string_view bytes, const WsOptions& options);

/// The HTTP response for a client that is not let in.
std::string refuse_ws(WsRefusal why);

}  // namespace opensips::transport
