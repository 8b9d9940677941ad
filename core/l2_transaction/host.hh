#pragma once

#include "base/flow.hh"
#include "base/wire.hh"
#include "l2_transaction/timers.hh"
#include "loop/timer_wheel.hh"
#include "loop/walk.hh"

namespace opensips::transaction {

/// What a machine of RFC 3261 section 17 needs of the layer it runs in. The ids are those of the
/// machine's own transaction. `*_ended` destroys it: the machine does nothing after it.
class Host {
 public:
  virtual const Timers& timers() const = 0;
  virtual loop::TimerWheel& wheel() = 0;
  /// Sends bytes once more, or an ACK: straight to L0.
  virtual void send(const base::WireRef& wire, const base::Flow& flow) = 0;

  virtual void client_timed_out(loop::ClientId client) = 0;  ///< B, F, C: to be taken as a 408
  virtual void client_provisional(
      loop::ClientId client) = 0;  ///< the first 1xx: it can be cancelled now
  virtual void client_ended(loop::ClientId client) = 0;
  virtual void server_ended(loop::ServerId server) = 0;
  virtual void server_late(loop::ServerId server) = 0;      ///< a 100 is due (RFC 4320 4.1)
  virtual void round_timed_out(loop::ServerId server) = 0;  ///< of its response context

 protected:
  ~Host() = default;
};

/// Arms a timer with a delay that doubles each time, up to a limit: A, E, G.
class Retransmission {
 public:
  void start(Host& host, loop::Timer& timer) {
    delay_ = host.timers().t1;
    host.wheel().arm(timer, delay_);
  }
  void again(Host& host, loop::Timer& timer, std::uint32_t limit) {
    delay_ = delay_ > limit / 2 ? limit : delay_ * 2;
    host.wheel().arm(timer, delay_);
  }
  void slow_down(std::uint32_t limit) { delay_ = limit; }

 private:
  std::uint32_t delay_ = 0;
};

}  // namespace opensips::transaction
