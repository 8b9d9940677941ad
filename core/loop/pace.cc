#include "loop/pace.hh"

#include <algorithm>
#include <utility>

namespace opensips::loop {

std::uint64_t Pace::next_turn(std::uint64_t turn_ns, unsigned messages) {
  if (messages == 0 || longest_ns_ == 0) return turn_ns;
  const auto silence = turn_ns - std::exchange(last_ns_, turn_ns);
  // Many behind a silence have come meanwhile: it was the worker that did not get its processor.
  if (silence > kPause * longest_ns_ && messages < kEnough) {
    forget(turn_ns);
    return turn_ns;
  }
  messages_ += messages;
  if (++turns_ == kStretch) end_stretch(turn_ns);
  return turn_ns + (is_half() ? wait_ns_ / 2 : wait_ns_);
}

void Pace::forget(std::uint64_t now_ns) {
  wait_ns_ = 0;
  start(now_ns);
}

void Pace::start(std::uint64_t now_ns) {
  since_ns_ = now_ns;
  turns_ = stretch_ = round_ = 0;
  messages_ = 0;
  whole_ = half_ = all_ = {};
  costs_ = true;
}

/// Fewer within so many limits than kFew within one.
bool Pace::is_few(const Count& count, std::uint64_t within) const {
  return count.ns * kFew > count.messages * longest_ns_ * within;
}

void Pace::end_stretch(std::uint64_t now_ns) {
  const Count count{now_ns - std::exchange(since_ns_, now_ns), std::exchange(messages_, 0)};
  turns_ = 0;
  // It need not be judged that hardly anything comes any more. One stretch says little: twice.
  if (wait_ns_ != 0 && is_few(count, 2)) return forget(now_ns);
  all_.add(count);
  if (stretch_ != 0 && stretch_ != kWhole) (is_half() ? half_ : whole_).add(count);
  if (++stretch_ == kWhole + kHalf) end_round(now_ns);
}

/// Messages that come by themselves are as many a second, however long they wait; of those that
/// depend on answers come up to twice as many if the wait is half as long.
void Pace::end_round(std::uint64_t now_ns) {
  costs_ = costs_ && 10 * half_.messages * whole_.ns > 11 * whole_.messages * half_.ns;
  whole_ = half_ = {};
  stretch_ = 0;
  if (++round_ == kRounds) judge(now_ns);
}

void Pace::judge(std::uint64_t now_ns) {
  if (wait_ns_ != 0) settle();
  const auto between_ns = all_.ns / all_.messages;
  wait_ns_ = is_few(all_, 1) ? 0 : std::min(between_ns * kEnough, most_ns_);
  start(now_ns);
}

void Pace::settle() {
  if (costs_) {
    failed_ns_ = most_ns_;
    most_ns_ = std::max(most_ns_ / 2, std::min(longest_ns_, kShortest));
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

}  // namespace opensips::loop
