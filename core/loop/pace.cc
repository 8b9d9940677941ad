#include "loop/pace.hh"

#include <algorithm>

namespace opensips::loop {

std::uint64_t Pace::next_turn(std::uint64_t turn_ns, unsigned messages) {
  if (messages == 0 || longest_ns_ == 0) return turn_ns;
  counted_ += messages;
  const auto elapsed = turn_ns - counted_since_;
  if (elapsed >= kIntervals * longest_ns_) {
    wait_ns_ = wait_for(counted_, elapsed);
    counted_since_ = turn_ns;
    counted_ = 0;
  }
  return turn_ns + wait_ns_;
}

std::uint64_t Pace::wait_for(std::uint64_t messages, std::uint64_t within_ns) const {
  const auto between = within_ns / messages;
  if (between * kFew > longest_ns_) return 0;
  return std::min(between * kEnough, longest_ns_);
}

}  // namespace opensips::loop
