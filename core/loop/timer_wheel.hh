#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/intrusive_list.hh"

namespace opensips::loop {

class TimerWheel;

/// A timer, embedded in the object it belongs to: arming it allocates nothing, destroying it
/// cancels it. What it calls is fixed for life. It belongs to the worker of its wheel.
class Timer : private base::ListHook<> {
 public:
  using Callback = void (*)(void* owner);

  Timer(Callback callback, void* owner) : callback_(callback), owner_(owner) {}

  /// A timer that calls a member function without arguments:
  ///   Timer timer_g_ = Timer::calling<&ServerInvite::on_timer_g>(this);
  template <auto kMember, class Owner>
  static Timer calling(Owner* owner) {
    return Timer([](void* object) { (static_cast<Owner*>(object)->*kMember)(); }, owner);
  }

  bool armed() const { return linked(); }

  /// It will not fire any more, also when it is due in the tick being worked off. O(1).
  void cancel() { unlink(); }

 private:
  friend class TimerWheel;
  friend class base::IntrusiveList<Timer, void>;

  std::uint64_t due_ = 0;  // the tick it fires at
  Callback callback_;
  void* owner_;
};

/// The timers of one worker: a hierarchical wheel (Varghese and Lauck, 1987, scheme 7) with ticks
/// of 10 ms. It reads no clock: the caller says what time it is, in milliseconds of a clock that
/// never goes back. Arming, re-arming and cancelling are O(1); a timer is moved at most once per
/// level.
///
/// Level 0 has a slot for each of the next 63 ticks, a slot of level n spans as much as all of
/// level n-1. A timer lies in the lowest level that reaches its tick. When time comes to a slot
/// above level 0, its timers are dealt out to the levels below. A slot that time stands in is empty
/// at every level.
///
/// Timers fire in the order of their ticks, and those of one tick in the order they were armed: of
/// two with the same tick the one armed earlier is never at a lower level than the other, so it is
/// enough that timers dealt out go in front of those already there.
class TimerWheel {
 public:
  static constexpr std::uint64_t kTickMs = 10;

  explicit TimerWheel(std::uint64_t now_ms);
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;

  /// Makes `timer` fire once, `delay_ms` after now or up to a tick later, never before. A timer
  /// that is armed already is moved. Zero means the next tick: what a callback arms does not fire
  /// in the same advance(). More than a thousand years is as much as never, and is taken for that
  /// long.
  void arm(Timer& timer, std::uint64_t delay_ms);

  /// Says that it is `now_ms`, and fires what is due by then. Callbacks may arm, cancel and destroy
  /// any timer, also those due in the same tick; they may not call advance(). They see `now_ms` as
  /// now, however long ago their tick was. Time without timers costs nothing. Returns how many
  /// fired.
  std::size_t advance(std::uint64_t now_ms);

  /// When advance() has something to do at the earliest, in milliseconds: a loop may sleep till
  /// then. No timer fires before it; the first one may be later. Nothing when no timer is armed.
  std::optional<std::uint64_t> next_due();

  /// The time given last.
  std::uint64_t now_ms() const { return now_ms_; }

 private:
  static constexpr unsigned kDigitBits = 6;
  static constexpr unsigned kSlots = 1U << kDigitBits;
  static constexpr unsigned kLevels = 7;  // 64^7 ticks are 1394 years
  static constexpr std::uint64_t kHorizon = std::uint64_t{kSlots - 1} << kDigitBits * (kLevels - 1);
  static constexpr std::uint64_t kNever = UINT64_MAX;

  using Slot = base::IntrusiveList<Timer>;
  struct Level {
    // Bit n is set when slot n has timers. It may also be set when they have been cancelled, since
    // a timer leaves without its wheel: who finds such a slot empty clears the bit.
    std::uint64_t occupied = 0;
    std::array<Slot, kSlots> slots;
  };

  Slot& slot_for(std::uint64_t due);
  std::uint64_t next_tick();
  void deal_out();
  std::size_t fire();

  std::uint64_t now_ms_;
  std::uint64_t
      tick_;  // everything before it has fired, and all of its own unless advance() is at it
  bool advancing_ = false;
  std::array<Level, kLevels> levels_;
};

}  // namespace opensips::loop
