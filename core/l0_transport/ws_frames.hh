#pragma once

#include <wslay/wslay.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/wire.hh"

namespace opensips::transport {

/// The codes of RFC 6455 7.4.1 that we use.
enum class WsCode : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  unsupported_data = 1003,
  bad_text = 1007,
  too_big = 1009,
};

/// A SIP message as one frame of a server (RFC 7118 5): unmasked, text if it is UTF-8, else binary.
base::WireRef ws_message(std::string_view message);
/// The bytes of a Close frame with that code.
std::string ws_close(WsCode code);
/// The bytes of a Ping frame.
std::string_view ws_ping();

/// Takes the frames of a client apart (RFC 6455 5), by libwslay: unmasks, puts fragments together,
/// and finds out what is against the protocol. While nothing is half-way it holds next to nothing,
/// since most browsers are silent most of the time.
class WsReader {
 public:
  /// `max_message`: bytes of a message; a longer one ends the connection.
  explicit WsReader(std::size_t max_message) : max_message_(max_message) {}
  ~WsReader();

  struct Found {
    enum class Kind : std::uint8_t {
      message,  ///< a whole text or binary message
      ping,     ///< answered by `answer`, later
      pong,
      answer,  ///< frames to send: pongs
      close,   ///< a Close frame to send; nothing more is read
    };
    Kind kind;
    std::string_view bytes = {};  ///< there during the call only
    bool by_peer = false;         ///< close: the peer began it
  };
  using Take = std::function<bool(const Found&)>;

  /// Hands what `bytes` bring to `take`. Stops for good after `close` or when `take` returns false.
  void read(std::string_view bytes, const Take& take);
  /// A frame or a message has begun and is not whole.
  bool inside() const { return context_ && !closed_; }
  /// Memory that is held for it.
  std::size_t held() const { return message_.capacity(); }

 private:
  struct Free {
    void operator()(wslay_event_context* context) const { wslay_event_context_free(context); }
  };

  void open();
  void finish(int outcome);
  bool is_at_rest() const { return given_ == framed_ && !fragmented_; }
  void hand_on(const Found& found);
  void on_frame(const wslay_event_on_frame_recv_start_arg& frame);
  void on_message(const wslay_event_on_msg_recv_arg& message);
  static wslay_event_callbacks callbacks();

  std::size_t max_message_;
  std::unique_ptr<wslay_event_context, Free> context_;  // while something is half-way
  std::string message_;                                 // what has come of a message
  std::string_view input_;                              // what wslay may take, during read()
  const Take* take_ = nullptr;                          // during read()
  std::string output_;                                  // what wslay wants sent, during read()
  std::uint64_t given_ = 0;   // bytes that wslay has taken since it was opened …
  std::uint64_t framed_ = 0;  // … and those of the frames that have begun in them
  bool fragmented_ = false;   // a message waits for its next fragment
  bool control_ = false;      // the frame that comes is a control frame
  bool too_big_ = false;      // the message that comes is
  bool closed_ = false;
};

}  // namespace opensips::transport
