// What a WebSocket client sends behind its handshake. The first byte says how it arrives: the
// messages are the same whatever the pieces.

#include <algorithm>
#include <string>
#include <vector>

#include "fuzz/target.hh"
#include "l0_transport/ws_frames.hh"

namespace opensips::transport {
namespace {

using Kind = WsReader::Found::Kind;

constexpr std::size_t kMaxMessage = 2048;
constexpr std::size_t kMostHeld = 4 * kMaxMessage;  // a string grows in steps

struct Seen {
  std::vector<std::string> messages;
  unsigned pings = 0, pongs = 0, closes = 0;
  friend bool operator==(const Seen&, const Seen&) = default;
};

/// What a connection makes of the stream if `piece` bytes of it come at a time.
Seen seen_in(std::string_view stream, std::size_t piece) {
  WsReader reader(kMaxMessage);
  Seen seen;
  const auto take = [&](const WsReader::Found& found) {
    if (seen.closes > 0) fuzz::require("nothing comes behind the end");
    switch (found.kind) {
      case Kind::message: seen.messages.emplace_back(found.bytes); break;
      case Kind::ping: ++seen.pings; break;
      case Kind::pong: ++seen.pongs; break;
      case Kind::close: ++seen.closes; break;
      case Kind::answer: break;  // how many pongs go at a time the pieces decide
    }
    if (found.kind == Kind::message && found.bytes.size() > kMaxMessage) {
      fuzz::require("a message is not longer than is allowed");
    }
    return true;
  };
  for (std::size_t begin = 0; begin < stream.size(); begin += piece) {
    reader.read(stream.substr(begin, piece), take);
    if (reader.held() > kMostHeld) fuzz::require("what is held is bounded");
  }
  if (seen.closes > 0 && reader.inside()) fuzz::require("what has ended waits for nothing");
  return seen;
}

}  // namespace
}  // namespace opensips::transport

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace transport = opensips::transport;
  if (size == 0) return 0;
  const auto stream = opensips::fuzz::text_of(data + 1, size - 1);
  const auto whole = transport::seen_in(stream, std::max<std::size_t>(stream.size(), 1));
  if (transport::seen_in(stream, data[0] % 64U + 1) != whole) {
    opensips::fuzz::require("the pieces do not matter");
  }
  return 0;
}
