#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "base/wire.hh"

namespace opensips::transport {

/// How the bytes of one connection become SIP messages, and messages become bytes: by their
/// Content-Length over TCP and TLS, in frames of their own over WebSocket, as they are over SCTP.
/// No socket, no clock: the Connection has them. Belongs to its connection, on whose worker
/// everything happens.
class Framing {
 public:
  /// Something that came.
  struct Event {
    enum class Kind : std::uint8_t {
      message,    ///< a whole SIP message
      keepalive,  ///< the peer is there
      answer,     ///< nothing of SIP, but bytes to send, unless the peer does not read
      opened,     ///< the framing's handshake is over: bytes to send
      broken,     ///< a message that has no end: enough for an answer; nothing more can be read
      garbage,    ///< not SIP: nothing more can be read
      refused,    ///< it is over: bytes to send before the connection is closed
      closed,     ///< likewise, because the peer wants it so
    };
    Kind kind;
    std::string_view bytes = {};  ///< there during the call only
  };
  /// False: nothing more is wanted.
  using Take = std::function<bool(const Event&)>;

  Framing() = default;
  Framing(const Framing&) = delete;
  Framing& operator=(const Framing&) = delete;
  virtual ~Framing() = default;

  /// Hands what `bytes` bring to `take`, in order. After broken, garbage, refused, closed, or a
  /// `take` that returned false it is of no more use.
  virtual void read(std::string_view bytes, const Take& take) = 0;
  /// The same, from a channel that says where messages end, for a framing that has no other means:
  /// `bytes` are of one message.
  virtual void read_record(std::string_view bytes, bool ends_message, const Take& take) {
    static_cast<void>(ends_message);
    read(bytes, take);
  }
  /// What has begun and is not whole may take so long in all (ms); 0: nothing has begun.
  virtual std::uint32_t patience() const = 0;
  /// The bytes of one SIP message on its way out; none if it cannot be sent: the handshake is not
  /// over, or the last word was said.
  virtual base::WireRef wrap(const base::WireRef& message) = 0;

  /// When the peer is asked whether it is there; in milliseconds.
  struct Probing {
    std::uint32_t interval = 0;  ///< after so long without a byte from it; 0: never
    std::uint32_t patience = 0;  ///< for whatever comes then
  };
  virtual Probing probing() const { return {}; }
  /// Bytes to send so that the peer shows that it lives; empty while there is nothing to ask.
  virtual std::string_view probe() { return {}; }
};
using FramingPtr = std::unique_ptr<Framing>;

}  // namespace opensips::transport
