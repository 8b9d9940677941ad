#pragma once

#include <cstddef>
#include <cstdint>

#include "l0_transport/framing.hh"
#include "l0_transport/record_reader.hh"

namespace opensips::transport {

/// SIP over a channel that keeps messages apart, SCTP: nothing in a message says where it ends, and
/// whatever is wrong with one, the next begins behind it.
class RecordFraming final : public Framing {
 public:
  /// `max_message` in bytes, `message_time` in ms.
  RecordFraming(std::size_t max_message, std::uint32_t message_time)
      : reader_(max_message), message_time_(message_time) {}

  void read(std::string_view message, const Take& take) override {
    read_record(message, true, take);
  }
  void read_record(std::string_view piece, bool ends_message, const Take& take) override {
    reader_.read(piece, ends_message, [&](std::string_view message) {
      take({Event::Kind::message, message});
    });
  }
  std::uint32_t patience() const override { return reader_.inside() ? message_time_ : 0; }
  base::WireRef wrap(const base::WireRef& message) override { return message; }

 private:
  RecordReader reader_;
  std::uint32_t message_time_;
};

}  // namespace opensips::transport
