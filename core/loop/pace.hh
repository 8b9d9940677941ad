#pragma once

#include <cstdint>

namespace opensips::loop {

/// When a worker's next turn may begin. A wake-up costs as much as a message, the more so with cold
/// caches. So, while messages come close upon each other, the next ones wait in the kernel until
/// about kEnough of them are there, but never longer than a limit. What comes less often, or after
/// a pause, waits for nobody. Used by one worker.
class Pace {
 public:
  /// Messages of one turn with which the wake-up does not count any more.
  static constexpr std::uint64_t kEnough = 32;
  /// So few within the limit that waiting for them would gain nothing that somebody could notice.
  static constexpr std::uint64_t kFew = 2;

  /// Most nanoseconds from one turn to the next; 0: turns are never put off.
  explicit Pace(std::uint64_t longest_ns) : longest_ns_(longest_ns) {}

  /// After a turn that began then and had so many messages: when the next one may begin, in the
  /// same clock; not in the future if at once.
  std::uint64_t next_turn(std::uint64_t turn_ns, unsigned messages);

 private:
  /// Of the time in which it is counted how many come.
  static constexpr std::uint64_t kIntervals = 8;

  std::uint64_t wait_for(std::uint64_t messages, std::uint64_t within_ns) const;

  std::uint64_t longest_ns_;
  std::uint64_t wait_ns_ = 0;
  std::uint64_t counted_since_ = 0;
  std::uint64_t counted_ = 0;
};

}  // namespace opensips::loop
