#pragma once

#include <string>
#include <string_view>

#include "base/address.hh"
#include "l0_transport/framing.hh"
#include "l0_transport/ws_frames.hh"
#include "l0_transport/ws_options.hh"
#include "l0_transport/ws_stats.hh"

namespace opensips::transport {

/// SIP over WebSocket (RFC 7118), the server's side: first the client's HTTP request, then frames,
/// each message of which is one SIP message.
class WsFraming final : public Framing {
 public:
  /// `options` and `stats` outlive it; `peer` is for log lines.
  WsFraming(const WsOptions& options, WsStats& stats, const base::Address& peer)
      : options_(options), stats_(stats), peer_(peer), reader_(options.max_message) {}

  void read(std::string_view bytes, const Take& take) override;
  std::uint32_t patience() const override;
  base::WireRef wrap(const base::WireRef& message) override;
  Probing probing() const override { return {options_.ping_interval, options_.ping_interval}; }
  std::string_view probe() override;

 private:
  enum class State : std::uint8_t { handshake, open, over };

  void shake_hands(std::string_view bytes, const Take& take);
  void refuse(WsRefusal why, std::string_view answer, const std::string& origin, const Take& take);
  void read_frames(std::string_view bytes, const Take& take);
  bool hand_on(const WsReader::Found& found, const Take& take);
  bool take_message(std::string_view message, const Take& take);
  bool finish(const Event& last, const Take& take);

  const WsOptions& options_;
  WsStats& stats_;
  const base::Address peer_;
  std::string request_;  // what has come of it
  WsReader reader_;
  State state_ = State::handshake;
};

}  // namespace opensips::transport
