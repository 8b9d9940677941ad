#include "l0_transport/stream_framing.hh"

namespace opensips::transport {

void StreamFraming::read(std::string_view bytes, const Take& take) {
  reading_ = reader_.read(bytes, [&](const Framer::Frame& frame) { return hand_on(frame, take); });
}

bool StreamFraming::hand_on(const Framer::Frame& frame, const Take& take) const {
  using Kind = Framer::Frame::Kind;
  switch (frame.kind) {
    case Kind::message: return take({Event::Kind::message, frame.bytes});
    case Kind::ping:
      return take({Event::Kind::keepalive}) &&
             (!answer_pings_ || take({Event::Kind::answer, "\r\n"}));
    case Kind::broken: return take({Event::Kind::broken, frame.bytes});
    case Kind::garbage: return take({Event::Kind::garbage});
    case Kind::more: break;
  }
  return true;
}

}  // namespace opensips::transport
