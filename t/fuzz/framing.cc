// A stream of messages. The first byte says how it arrives: it is cut the same whatever the pieces.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/target.hh"
#include "l0_transport/framer.hh"
#include "l1_parser/message.hh"

namespace opensips::transport {
namespace {

using Kind = Framer::Frame::Kind;
using Frames = std::vector<std::pair<Kind, std::string>>;

constexpr std::size_t kMaxMessage = 2048;

bool is_last(Kind kind) {
  return kind == Kind::broken || kind == Kind::garbage;
}

/// What a connection makes of the stream if `piece` bytes of it come at a time.
Frames frames_of(std::string_view stream, std::size_t piece) {
  Framer framer(kMaxMessage);
  Frames frames;
  std::size_t begin = 0;
  for (std::size_t come = 0; come < stream.size();) {
    come = std::min(come + piece, stream.size());
    for (;;) {
      const auto here = stream.substr(begin, come - begin);
      const auto frame = framer.next(here);
      if (frame.used > here.size()) fuzz::require("a frame is within the stream");
      begin += frame.used;
      if (frame.kind == Kind::more) break;
      if (is_last(frame.kind)) {  // which of the two, and how much of it, the pieces may decide
        frames.emplace_back(Kind::broken, "");
        return frames;
      }
      frames.emplace_back(frame.kind, frame.bytes);
      if (frame.used == 0) fuzz::require("a whole frame uses bytes");
    }
  }
  return frames;
}

/// What is cut out as a message ends for the parser where it ends here.
const char* message_promise(const Frames& frames) {
  for (const auto& [kind, bytes] : frames) {
    if (kind != Kind::message) continue;
    if (bytes.size() > kMaxMessage) return "a message is not longer than is allowed";
    const auto message = parser::Message::parse(bytes, {}).message;
    if (!message) continue;  // of a start line the framer sees less than the parser does
    if (message->raw().size() != bytes.size()) return "a message ends where its body ends";
  }
  return nullptr;
}

}  // namespace
}  // namespace opensips::transport

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace transport = opensips::transport;
  if (size == 0) return 0;
  const auto stream = opensips::fuzz::text_of(data + 1, size - 1);
  const auto whole = transport::frames_of(stream, stream.size());
  opensips::fuzz::require(transport::message_promise(whole));
  if (transport::frames_of(stream, data[0] % 64U + 1) != whole) {
    opensips::fuzz::require("the pieces do not matter");
  }
  return 0;
}
