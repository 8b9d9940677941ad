#include "loop/overload.hh"

#include <utility>

namespace opensips::loop {

void Overload::turn_ended(std::uint64_t took_ns) {
  const bool full = turn_is_full();
  const auto messages = std::exchange(messages_, 0);
  const auto waiting = std::exchange(waiting_, 0);
  const bool pressed = std::exchange(pressed_, false);
  if (!full) {
    shedding_ = false;
    return;
  }
  if (!shedding_) {  // a message that is shed costs less than those that will be taken again
    const auto cost = took_ns / messages;
    cost_ns_ = cost_ns_ == 0 ? cost : (3 * cost_ns_ + cost) / 4;
  }
  // Until half of it is worked off: not on and off with every turn.
  const auto limit = shedding_ ? limit_ns_ / 2 : limit_ns_;
  shedding_ = pressed || waiting * cost_ns_ > limit;
}

}  // namespace opensips::loop
