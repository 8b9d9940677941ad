#include "loop/overload.hh"

#include <utility>

namespace opensips::loop {

void Overload::turn_ended(std::uint64_t began_ms, std::uint64_t ended_ms) {
  const auto messages = std::exchange(messages_, 0);
  const bool full = messages >= kFullTurn || (messages > 0 && ended_ms > began_ms + limit_ms_ / 2);
  if (!full || limit_ms_ == 0) {
    full_turns_ = 0;
    shedding_ = false;
    return;
  }
  if (full_turns_ == 0) full_since_ = began_ms;
  if (full_turns_ < 2) ++full_turns_;
  shedding_ = full_turns_ == 2 && ended_ms > full_since_ + limit_ms_;
}

}  // namespace opensips::loop
