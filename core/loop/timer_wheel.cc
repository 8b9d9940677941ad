#include "loop/timer_wheel.hh"

#include <algorithm>
#include <bit>
#include <cassert>

namespace opensips::loop {

static_assert(sizeof(Timer) <= 5 * sizeof(void*), "every transaction carries several of them");

TimerWheel::TimerWheel(std::uint64_t now_ms) : now_ms_(now_ms), tick_(now_ms / kTickMs) {}

void TimerWheel::arm(Timer& timer, std::uint64_t delay_ms) {
  const std::uint64_t deadline = now_ms_ + std::min(delay_ms, kHorizon * kTickMs);
  const std::uint64_t rounded_up = (deadline + kTickMs - 1) / kTickMs;
  // The tick of now has fired, or is the last that a running advance() fires.
  const std::uint64_t due = std::max(rounded_up, now_ms_ / kTickMs + 1);

  timer.cancel();
  // While advance() catches up, tick_ is behind now and the horizon with it.
  timer.due_ = std::min(due, tick_ + kHorizon);
  slot_for(timer.due_).push_back(timer);
}

/// The slot where a timer due at that tick belongs as of now, marked as occupied.
TimerWheel::Slot& TimerWheel::slot_for(std::uint64_t due) {
  assert(due >= tick_ && due - tick_ <= kHorizon);
  const auto width = static_cast<unsigned>(std::bit_width((due - tick_) | 1));
  unsigned level = (width - 1) / kDigitBits;
  // A distance of less than 64 slots touches 65 of them when it starts inside the first.
  if ((due >> kDigitBits * level) - (tick_ >> kDigitBits * level) == kSlots) ++level;
  const unsigned index = (due >> kDigitBits * level) % kSlots;
  levels_[level].occupied |= std::uint64_t{1} << index;
  return levels_[level].slots[index];
}

/// The first tick after tick_ at which a slot of any level has to be worked off, or kNever.
std::uint64_t TimerWheel::next_tick() {
  std::uint64_t first = kNever;
  for (unsigned n = 0; n < kLevels; ++n) {
    Level& level = levels_[n];
    const std::uint64_t here = tick_ >> kDigitBits * n;
    while (level.occupied != 0) {
      // Rotated so that the slot after this one is bit 0: the distance is what has to be counted.
      const std::uint64_t ahead = std::rotr(level.occupied, static_cast<int>((here + 1) % kSlots));
      const std::uint64_t there = here + 1 + static_cast<unsigned>(std::countr_zero(ahead));
      if (!level.slots[there % kSlots].empty()) {
        first = std::min(first, there << kDigitBits * n);
        break;
      }
      level.occupied &= ~(std::uint64_t{1} << there % kSlots);
    }
  }
  return first;
}

std::size_t TimerWheel::advance(std::uint64_t now_ms) {
  assert(!advancing_);
  assert(now_ms >= now_ms_);
  advancing_ = true;
  now_ms_ = now_ms;
  const std::uint64_t target = now_ms / kTickMs;
  std::size_t fired = 0;
  while (tick_ < target) {
    tick_ = std::min(next_tick(), target);
    deal_out();
    fired += fire();
  }
  advancing_ = false;
  return fired;
}

/// Moves the timers of every slot that begins at tick_ to the levels below, from the top so that
/// what begins at tick_ itself comes all the way down.
void TimerWheel::deal_out() {
  const unsigned aligned = static_cast<unsigned>(std::countr_zero(tick_)) / kDigitBits;
  for (unsigned n = std::min(aligned, kLevels - 1); n > 0; --n) {
    const unsigned index = (tick_ >> kDigitBits * n) % kSlots;
    levels_[n].occupied &= ~(std::uint64_t{1} << index);
    Slot& slot = levels_[n].slots[index];
    while (!slot.empty()) {
      Timer& last = slot.back();
      last.unlink();
      slot_for(last.due_).push_front(last);
    }
  }
}

std::size_t TimerWheel::fire() {
  const unsigned index = tick_ % kSlots;
  levels_[0].occupied &= ~(std::uint64_t{1} << index);
  std::size_t fired = 0;
  // Nothing is ever armed into this slot while it is worked off: that would be 64 ticks away, which
  // is the next level. What leaves it, leaves by itself.
  while (Timer* timer = levels_[0].slots[index].pop_front()) {
    ++fired;
    timer->callback_(timer->owner_);  // may destroy the timer
  }
  return fired;
}

std::optional<std::uint64_t> TimerWheel::next_due() {
  const std::uint64_t tick = next_tick();
  if (tick == kNever) return std::nullopt;
  return tick * kTickMs;
}

}  // namespace opensips::loop
