#pragma once

#include <cstdint>

#include "l0_transport/captures.hh"

namespace opensips::transport {

/// Whether datagrams may be given to the kernel in groups (SendPlan). Who captures packets on this
/// host sees such a group before it is cut apart, as one datagram with several messages in it: by
/// itself the server makes none meanwhile. One worker.
class UdpGrouping {
 public:
  enum class Mode : std::uint8_t { automatic, always, never };
  explicit UdpGrouping(Mode mode) : mode_(mode) {}

  /// `now`: milliseconds of the monotonic clock. Looks for captures once a second at most.
  bool allowed(std::uint64_t now) {
    if (mode_ != Mode::automatic) return mode_ == Mode::always;
    if (now >= next_look_) {
      captured_ = anybody_captures();
      next_look_ = now + kBetweenLooks;
    }
    return !captured_;
  }

 private:
  static constexpr std::uint64_t kBetweenLooks = 1000;

  Mode mode_;
  bool captured_ = false;
  std::uint64_t next_look_ = 0;
};

}  // namespace opensips::transport
