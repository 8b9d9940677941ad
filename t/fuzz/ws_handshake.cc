// The HTTP request of a WebSocket client.

#include <string>

#include "fuzz/target.hh"
#include "l0_transport/ws_handshake.hh"

namespace opensips::transport {
namespace {

/// What is broken about an answer.
const char* promise(std::string_view request, const WsHandshake& handshake) {
  const auto& answer = handshake.answer;
  const bool opened = !handshake.refusal;
  if (handshake.used > request.size()) return "what is used is within the request";
  if (answer.starts_with("HTTP/1.1 101 ") != opened) return "101 is for who is let in";
  if (opened && !answer.ends_with("\r\n\r\n")) return "frames follow an answer that ends";
  for (const unsigned char c : answer) {
    if ((c < ' ' && c != '\r' && c != '\n') || c > 0x7e)
      return "an answer has no other bytes than text";
  }
  const auto again = answer_ws_handshake(request.substr(0, handshake.used), {});
  if (!again || again->answer != answer) return "what comes behind a request does not matter";
  if (answer_ws_handshake(request.substr(0, handshake.used - 1), {}))
    return "a request has one end";
  return nullptr;
}

}  // namespace
}  // namespace opensips::transport

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace transport = opensips::transport;
  const auto request = opensips::fuzz::text_of(data, size);
  const auto handshake = transport::answer_ws_handshake(request, {});
  if (handshake) opensips::fuzz::require(transport::promise(request, *handshake));
  return 0;
}
