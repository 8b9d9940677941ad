#include "l0_transport/ws_framing.hh"

#include <chrono>
#include <utility>

#include "base/log.hh"
#include "l0_transport/framer.hh"

namespace opensips::transport {

namespace {

using Kind = Framing::Event::Kind;

constexpr std::string_view kLineEnds = "\r\n";
constexpr std::string_view kPing = "\r\n\r\n";

}  // namespace

void WsFraming::read(std::string_view bytes, const Take& take) {
  switch (state_) {
    case State::handshake: return shake_hands(bytes, take);
    case State::open: return read_frames(bytes, take);
    case State::over: return;
  }
}

std::uint32_t WsFraming::patience() const {
  if (state_ == State::handshake) return options_.handshake_time;
  return state_ == State::open && reader_.inside() ? options_.message_time : 0;
}

void WsFraming::shake_hands(std::string_view bytes, const Take& take) {
  request_.append(bytes);
  const auto handshake = answer_ws_handshake(request_, options_);
  if (!handshake && request_.size() <= kMaxWsRequest) return;
  if (!handshake || handshake->used > kMaxWsRequest) {
    return refuse(WsRefusal::bad_request, refuse_ws(WsRefusal::bad_request), {}, take);
  }
  if (handshake->refusal) {
    return refuse(*handshake->refusal, handshake->answer, handshake->origin, take);
  }
  stats_.opened();
  state_ = State::open;
  const auto rest = std::exchange(request_, {}).substr(handshake->used);
  if (take({Kind::opened, handshake->answer}) && !rest.empty()) read_frames(rest, take);
}

void WsFraming::refuse(WsRefusal why, std::string_view answer, const std::string& origin,
                       const Take& take) {
  static base::RateLimit limit{std::chrono::seconds(10)};
  stats_.refused(why);
  base::log_limited(limit, base::LogLevel::notice,
                    "WebSocket handshake of {} refused: {} (origin '{}')", peer_.to_string(),
                    answer.substr(9, answer.find('\r') - 9), origin);
  finish({Kind::refused, answer}, take);
}

void WsFraming::read_frames(std::string_view bytes, const Take& take) {
  reader_.read(bytes, [&](const WsReader::Found& found) { return hand_on(found, take); });
}

bool WsFraming::hand_on(const WsReader::Found& found, const Take& take) {
  using Found = WsReader::Found::Kind;
  switch (found.kind) {
    case Found::message: return take_message(found.bytes, take);
    case Found::ping: return take({Kind::keepalive});
    case Found::pong: stats_.pong_came(); return true;
    case Found::answer: return take({Kind::answer, found.bytes});
    case Found::close:
      if (!found.by_peer) stats_.failed();
      return finish({found.by_peer ? Kind::closed : Kind::refused, found.bytes}, take);
  }
  return false;
}

/// A message of line ends alone is a keepalive (RFC 5626 3.5.1), also in a frame.
bool WsFraming::take_message(std::string_view message, const Take& take) {
  if (message.find_first_not_of(kLineEnds) == std::string_view::npos) {
    if (message != kPing) return take({Kind::keepalive});
    const auto pong = ws_message(kLineEnds);
    return take({Kind::keepalive}) && take({Kind::answer, pong->view()});
  }
  if (begins_like_sip(message)) return take({Kind::message, message});
  stats_.failed();
  return finish({Kind::refused, ws_close(WsCode::unsupported_data)}, take);
}

bool WsFraming::finish(const Event& last, const Take& take) {
  state_ = State::over;
  take(last);
  return false;
}

base::WireRef WsFraming::wrap(const base::WireRef& message) {
  return state_ == State::open ? ws_message(message->view()) : base::WireRef();
}

std::string_view WsFraming::probe() {
  if (state_ != State::open) return {};
  stats_.pinged();
  return ws_ping();
}

}  // namespace opensips::transport
