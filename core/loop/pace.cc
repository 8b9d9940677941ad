#include "loop/pace.hh"

#include <algorithm>
#include <utility>

namespace opensips::loop {

std::uint64_t Pace::next_turn(std::uint64_t turn_ns, unsigned messages) {
  if (messages == 0 || longest_ns_ == 0) return turn_ns;
  const bool paused = turn_ns - std::exchange(last_ns_, turn_ns) > 2 * longest_ns_;
  if (paused) {
    wait_ns_ = 0;
    start(turn_ns);
    return turn_ns;
  }
  Count& count = is_half_ ? half_ : whole_;
  ++count.turns;
  count.more += messages - 1;
  if (turns() == kTurns) judge(turn_ns);
  is_half_ = turns() % kProbe == kProbe - 1;
  return turn_ns + (is_half_ ? wait_ns_ / 2 : wait_ns_);
}

void Pace::start(std::uint64_t now_ns) {
  since_ns_ = now_ns;
  whole_ = half_ = {};
  is_half_ = false;
}

void Pace::judge(std::uint64_t now_ns) {
  if (wait_ns_ != 0) settle();
  const auto between_ns = (now_ns - since_ns_) / (turns() + whole_.more + half_.more);
  const bool few = between_ns * kFew > longest_ns_;
  wait_ns_ = few ? 0 : std::min(between_ns * kEnough, most_ns_);
  start(now_ns);
}

void Pace::settle() {
  if (most_ns_ < longest_ns_ && ++short_for_ == kShort) {
    most_ns_ = longest_ns_;
  } else {
    const auto next_ns = waiting_gains() ? 2 * most_ns_ : most_ns_ / 2;
    most_ns_ = std::clamp(next_ns, longest_ns_ / kShortest, longest_ns_);
  }
  if (most_ns_ == longest_ns_) short_for_ = 0;
}

/// Messages that come by themselves are half as many in half of the time, answers are all there.
bool Pace::waiting_gains() const {
  return 16 * half_.more * whole_.turns < 15 * whole_.more * half_.turns;
}

}  // namespace opensips::loop
