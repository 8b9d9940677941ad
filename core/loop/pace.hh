#pragma once

#include <cstdint>

namespace opensips::loop {

/// When a worker's next turn may begin. A wake-up costs as much as a message, the more so with cold
/// caches. So, while messages come close upon each other, the next ones wait in the kernel until
/// about kEnough of them are there, but never longer than a limit. What comes less often, or after
/// a pause, waits for nobody, and if a shorter wait brings as many messages it becomes shorter for
/// a while: who sends them waits for the answers. Used by one worker.
class Pace {
 public:
  /// Messages of one turn with which the wake-up does not count any more.
  static constexpr std::uint64_t kEnough = 32;
  /// So few within the limit that waiting for them would gain nothing that somebody could notice.
  static constexpr std::uint64_t kFew = 2;
  /// Of the limit: the shortest wait that is tried.
  static constexpr std::uint64_t kShortest = 16;

  /// Most nanoseconds from one turn to the next; 0: turns are never put off.
  explicit Pace(std::uint64_t longest_ns) : longest_ns_(longest_ns), most_ns_(longest_ns) {}

  /// After a turn that began then and had so many messages: when the next one may begin, in the
  /// same clock; not in the future if at once.
  std::uint64_t next_turn(std::uint64_t turn_ns, unsigned messages);

 private:
  struct Count {
    std::uint64_t turns = 0;
    std::uint64_t more = 0;  ///< messages beyond the first, which began the turn
  };

  static constexpr std::uint64_t kTurns = 128;  ///< after so many it is judged anew
  static constexpr std::uint64_t kProbe = 8;    ///< one of so many waits for half of the time
  /// After being judged so often with a shorter wait the longest one is tried again: what comes in
  /// bursts, further apart than the wait, says nothing about a longer one.
  static constexpr unsigned kShort = 32;

  std::uint64_t turns() const { return whole_.turns + half_.turns; }
  void start(std::uint64_t now_ns);
  void judge(std::uint64_t now_ns);
  void settle();
  bool waiting_gains() const;

  std::uint64_t longest_ns_;
  std::uint64_t wait_ns_ = 0;
  std::uint64_t most_ns_;       // that it has been found worth to wait
  unsigned short_for_ = 0;      // judgements since that was the longest
  std::uint64_t last_ns_ = 0;   // the last turn with messages
  std::uint64_t since_ns_ = 0;  // of the counts
  Count whole_, half_;          // turns behind the whole wait, and behind half of it
  bool is_half_ = false;        // the turn to come
};

}  // namespace opensips::loop
