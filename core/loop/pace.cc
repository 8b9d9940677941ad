#include "loop/pace.hh"

#include <algorithm>
#include <utility>

namespace opensips::loop {

std::uint64_t Pace::next_turn(std::uint64_t turn_ns, unsigned messages) {
  if (messages == 0 || longest_ns_ == 0) return turn_ns;
  const bool paused = turn_ns - std::exchange(last_ns_, turn_ns) > kPause * longest_ns_;
  if (paused) {
    wait_ns_ = 0;
    start(turn_ns);
    return turn_ns;
  }
  count(turn_ns, messages);
  if (turns_ == kTurns) judge(turn_ns);
  return turn_ns + (is_half() ? wait_ns_ / 2 : wait_ns_);
}

void Pace::start(std::uint64_t now_ns) {
  since_ns_ = now_ns;
  turns_ = 0;
  messages_ = 0;
  whole_ = half_ = {};
}

void Pace::count(std::uint64_t turn_ns, unsigned messages) {
  Phase& phase = is_half() ? half_ : whole_;
  const unsigned before = is_half() ? turns_ - (kTurns - kHalf) : turns_;
  if (before < kSettling) {
    phase.from_ns = turn_ns;
  } else {
    phase.messages += messages;
    phase.to_ns = turn_ns;
  }
  ++turns_;
  messages_ += messages;
}

void Pace::judge(std::uint64_t now_ns) {
  if (wait_ns_ != 0) settle();
  const auto between_ns = (now_ns - since_ns_) / messages_;
  const bool few = between_ns * kFew > longest_ns_;
  wait_ns_ = few ? 0 : std::min(between_ns * kEnough, most_ns_);
  start(now_ns);
}

void Pace::settle() {
  if (waiting_costs()) {
    failed_ns_ = most_ns_;
    most_ns_ = std::max(most_ns_ / 2, longest_ns_ / kShortest);
    patience_ = std::min(2 * patience_, kMostPatience);
    judged_ = 0;
    return;
  }
  if (most_ns_ >= failed_ns_) patience_ = kLeastPatience;
  if (most_ns_ < longest_ns_ && ++judged_ >= patience_) {
    most_ns_ = std::min(2 * most_ns_, longest_ns_);
    judged_ = 0;
  }
}

/// Messages that come by themselves are as many a second, however long they wait; of those that
/// depend on answers come twice as many if the wait is half as long.
bool Pace::waiting_costs() const {
  const auto whole_ns = whole_.to_ns - whole_.from_ns;
  const auto half_ns = half_.to_ns - half_.from_ns;
  return 2 * half_.messages * whole_ns > 3 * whole_.messages * half_ns;
}

}  // namespace opensips::loop
