#include "l0_transport/ws_stats.hh"

#include <string_view>

namespace opensips::transport {

namespace {

constexpr std::array<std::string_view, kWsRefusals> kRefusalNames{
    "net:ws_refused_bad_request", "net:ws_refused_protocol", "net:ws_refused_origin",
    "net:ws_refused_resource", "net:ws_refused_upgrade"};

}  // namespace

WsStats::WsStats(base::Stats& registry, base::StatsBlock& block)
    : block_(block),
      opened_(registry.counter("net:ws_handshakes")),
      failed_(registry.counter("net:ws_failed")),
      pings_(registry.counter("net:ws_pings_sent")),
      pongs_(registry.counter("net:ws_pongs_received")) {
  for (unsigned i = 0; i < kWsRefusals; ++i) refusals_[i] = registry.counter(kRefusalNames[i]);
}

}  // namespace opensips::transport
