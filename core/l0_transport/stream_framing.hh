#pragma once

#include <cstddef>
#include <cstdint>

#include "l0_transport/framing.hh"
#include "l0_transport/stream_reader.hh"

namespace opensips::transport {

/// SIP over a stream of bytes (RFC 3261 18.3): a message says by Content-Length where it ends.
class StreamFraming final : public Framing {
 public:
  struct Options {
    std::size_t max_message;     ///< bytes
    std::uint32_t message_time;  ///< ms
    bool answer_pings;           ///< CRLF to CRLF CRLF (RFC 5626 3.5.1)
    Probing probing;             ///< by CRLF CRLF (RFC 5626 4.4.1)
  };

  explicit StreamFraming(const Options& options)
      : reader_(options.max_message),
        message_time_(options.message_time),
        answer_pings_(options.answer_pings),
        probing_(options.probing) {}

  void read(std::string_view bytes, const Take& take) override;
  std::uint32_t patience() const override {
    return reading_ && reader_.inside() ? message_time_ : 0;
  }
  base::WireRef wrap(const base::WireRef& message) override { return message; }
  Probing probing() const override { return probing_; }
  std::string_view probe() override { return "\r\n\r\n"; }

 private:
  bool hand_on(const Framer::Frame& frame, const Take& take) const;

  StreamReader reader_;
  std::uint32_t message_time_;
  bool answer_pings_;
  Probing probing_;
  bool reading_ = true;
};

}  // namespace opensips::transport
