#include "l0_transport/ws_frames.hh"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include "base/utf8.hh"

namespace opensips::transport {

namespace {

constexpr unsigned char kFinal = 0x80;
constexpr std::size_t kShort = 125;  // the longest payload whose length is in the first two bytes
constexpr std::size_t kMedium = 65535;  // … in two more bytes
constexpr std::size_t kMaskSize = 4;

/// RFC 6455 5.2, without the mask.
constexpr std::size_t header_size(std::uint64_t payload) {
  return payload <= kShort ? 2 : payload <= kMedium ? 4 : 10;
}

char byte_of(std::uint64_t number, unsigned place) {
  return static_cast<char>(number >> (8 * place) & 0xff);
}

/// Returns where the payload begins.
char* write_header(char* to, wslay_opcode opcode, std::uint64_t payload) {
  const auto size = header_size(payload);
  *to++ = static_cast<char>(kFinal | opcode);
  *to++ = static_cast<char>(size == 2 ? payload : size == 4 ? 126 : 127);
  for (auto place = static_cast<unsigned>(size - 2); place-- > 0;) *to++ = byte_of(payload, place);
  return to;
}

}  // namespace

base::WireRef ws_message(std::string_view message) {
  auto wire = base::Wire::make(header_size(message.size()) + message.size());
  const auto opcode = base::is_utf8(message) ? WSLAY_TEXT_FRAME : WSLAY_BINARY_FRAME;
  char* const payload = write_header(wire->data(), opcode, message.size());
  wire->resize(static_cast<std::size_t>(std::ranges::copy(message, payload).out - wire->data()));
  return wire;
}

std::string ws_close(WsCode code) {
  const auto number = static_cast<std::uint16_t>(code);
  std::string frame(4, '\0');
  char* const payload = write_header(frame.data(), WSLAY_CONNECTION_CLOSE, 2);
  payload[0] = byte_of(number, 1);
  payload[1] = byte_of(number, 0);
  return frame;
}

std::string_view ws_ping() {
  return {"\x89\0", 2};
}

WsReader::~WsReader() = default;

wslay_event_callbacks WsReader::callbacks() {
  wslay_event_callbacks all{};
  all.recv_callback = [](wslay_event_context_ptr context, std::uint8_t* buffer, std::size_t size,
                         int, void* self) -> ssize_t {
    auto& reader = *static_cast<WsReader*>(self);
    const auto taken = std::min(size, reader.input_.size());
    if (taken == 0) {
      wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
      return -1;
    }
    std::memcpy(buffer, reader.input_.data(), taken);
    reader.input_.remove_prefix(taken);
    reader.given_ += taken;
    return static_cast<ssize_t>(taken);
  };
  all.send_callback = [](wslay_event_context_ptr, const std::uint8_t* bytes, std::size_t size, int,
                         void* self) -> ssize_t {
    static_cast<WsReader*>(self)->output_.append(reinterpret_cast<const char*>(bytes), size);
    return static_cast<ssize_t>(size);
  };
  all.on_frame_recv_start_callback =
      [](wslay_event_context_ptr, const wslay_event_on_frame_recv_start_arg* frame, void* self) {
        static_cast<WsReader*>(self)->on_frame(*frame);
      };
  all.on_frame_recv_chunk_callback =
      [](wslay_event_context_ptr, const wslay_event_on_frame_recv_chunk_arg* chunk, void* self) {
        auto& reader = *static_cast<WsReader*>(self);
        if (reader.control_ || reader.too_big_) return;
        reader.message_.append(reinterpret_cast<const char*>(chunk->data), chunk->data_length);
      };
  all.on_msg_recv_callback = [](wslay_event_context_ptr, const wslay_event_on_msg_recv_arg* message,
                                void* self) { static_cast<WsReader*>(self)->on_message(*message); };
  return all;
}

void WsReader::open() {
  static const auto kCallbacks = callbacks();
  wslay_event_context_ptr context = nullptr;
  const int error = wslay_event_context_server_init(&context, &kCallbacks, this);
  assert(error == 0);  // out of memory dies
  static_cast<void>(error);
  context_.reset(context);
  // It would keep each fragment in memory of its own, were it one byte.
  wslay_event_config_set_no_buffering(context, 1);
  wslay_event_config_set_max_recv_msg_length(context, max_message_);
  given_ = framed_ = 0;
}

void WsReader::read(std::string_view bytes, const Take& take) {
  if (closed_ || bytes.empty()) return;
  if (!context_) open();
  input_ = bytes;
  take_ = &take;
  finish(wslay_event_recv(context_.get()));
  take_ = nullptr;
}

/// What there is to answer; then, if nothing is half-way, its memory is given back.
void WsReader::finish(int outcome) {
  if (closed_) return;  // nobody wants more
  const bool over = !wslay_event_get_read_enabled(context_.get());
  if (outcome != 0) {  // the frames cannot be told apart any more: wslay has no code for that
    closed_ = true;
    return hand_on({Found::Kind::close, ws_close(WsCode::protocol_error)});
  }
  wslay_event_send(context_.get());
  const auto output = std::exchange(output_, {});
  if (over) {
    closed_ = true;
    hand_on({Found::Kind::close, output, wslay_event_get_close_received(context_.get()) != 0});
  } else if (!output.empty()) {
    hand_on({Found::Kind::answer, output});
  }
  if (closed_ || is_at_rest()) context_.reset();
}

void WsReader::hand_on(const Found& found) {
  if ((*take_)(found) || closed_) return;
  closed_ = true;
  wslay_event_shutdown_read(context_.get());
}

void WsReader::on_frame(const wslay_event_on_frame_recv_start_arg& frame) {
  framed_ += header_size(frame.payload_length) + kMaskSize + frame.payload_length;
  control_ = wslay_is_ctrl_frame(frame.opcode);
  if (control_) return;
  fragmented_ = frame.fin == 0;
  if (message_.size() + frame.payload_length <= max_message_) return;
  // wslay looks at each frame alone when it keeps none.
  too_big_ = true;
  wslay_event_queue_close(context_.get(), WSLAY_CODE_MESSAGE_TOO_BIG, nullptr, 0);
  wslay_event_shutdown_read(context_.get());
}

void WsReader::on_message(const wslay_event_on_msg_recv_arg& message) {
  if (too_big_) return;
  switch (message.opcode) {
    case WSLAY_PING: return hand_on({Found::Kind::ping});
    case WSLAY_PONG: return hand_on({Found::Kind::pong});
    case WSLAY_TEXT_FRAME:
    case WSLAY_BINARY_FRAME: {
      const auto whole = std::exchange(message_, {});
      return hand_on({Found::Kind::message, whole});
    }
    default: return;  // a Close: finish() has the answer
  }
}

}  // namespace opensips::transport
