#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/stats.hh"
#include "l2_transaction/uac.hh"
#include "l4_nat/contacts.hh"
#include "loop/context.hh"
#include "loop/layer_switch.hh"
#include "loop/timer_wheel.hh"

namespace opensips::nat {

struct PingOptions {
  std::uint64_t interval_ms = 0;  ///< each contact is pinged so often; 0: none is
  bool behind_nat_only = true;
  enum class Kind : std::uint8_t {
    crlf,     ///< an empty line, which nobody answers
    stun,     ///< a Binding indication (RFC 8489), likewise
    request,  ///< who answers nothing, again and again, is dropped
  };
  Kind kind = Kind::crlf;
  std::string method = "OPTIONS";  ///< of the requests
  std::string from;                ///< likewise, a URI
  unsigned max_lost = 3;           ///< requests in a row without an answer; 0: any number
};

/// Keeps the ways to clients behind NAT open: sends something to each registered contact before its
/// NAT forgets it. The contacts are worked through a part at a time, so that the pings of a hundred
/// thousand are spread over the whole interval. One for the server, on one worker.
class Pinger {
 public:
  Pinger(loop::Context& context, transaction::Uac& uac, Contacts& contacts,
         const loop::LayerSwitch& layers, PingOptions options);

  /// Before the worker runs.
  void start();

 private:
  void tick();
  void ping(const Contact& contact);
  void send_bytes(const Contact& contact);
  void send_request(const Contact& contact);
  void answered(const Contact& contact, bool by_somebody);

  loop::Context& context_;
  transaction::Uac& uac_;
  Contacts& contacts_;
  const loop::LayerSwitch& layers_;
  PingOptions options_;
  std::uint64_t began_at_ = 0;
  std::uint64_t parts_done_ = 0;
  std::unordered_map<std::string, unsigned> lost_;  // in a row, by contact; of few
  loop::Timer timer_ = loop::Timer::calling<&Pinger::tick>(this);
  base::Counter pings_;
  base::Counter lost_pings_;
  base::Counter dropped_;
};

}  // namespace opensips::nat
