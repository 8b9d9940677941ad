#pragma once

#include <array>

#include "base/stats.hh"
#include "l0_transport/ws_handshake.hh"

namespace opensips::transport {

/// What a worker counts of WebSocket, beside what it counts of every connection.
class WsStats {
 public:
  WsStats(base::Stats& registry, base::StatsBlock& block);

  void opened() { block_.add(opened_); }
  void refused(WsRefusal why) { block_.add(refusals_[static_cast<unsigned>(why)]); }
  void failed() { block_.add(failed_); }
  void pinged() { block_.add(pings_); }
  void pong_came() { block_.add(pongs_); }

 private:
  base::StatsBlock& block_;
  base::Counter opened_, failed_, pings_, pongs_;
  std::array<base::Counter, kWsRefusals> refusals_;
};

}  // namespace opensips::transport
