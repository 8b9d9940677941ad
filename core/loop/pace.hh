#pragma once

#include <cstdint>

namespace opensips::loop {

/// When a worker's next turn may begin. A wake-up costs as much as a message, the more so with cold
/// caches, and so does waking who gets the answers. So, while messages come close upon each other,
/// the next ones wait in the kernel until about kEnough of them are there, but never longer than a
/// limit. What comes less often, or after a long pause, waits for nobody; and if more messages a
/// second come when they wait for half as long, the wait becomes shorter: who sends them waits for
/// the answers. Used by one worker.
class Pace {
 public:
  /// Messages of one turn with which the wake-up does not count any more.
  static constexpr std::uint64_t kEnough = 32;
  /// So few within the limit that waiting for them would gain nothing that somebody could notice.
  static constexpr std::uint64_t kFew = 2;
  /// Nanoseconds: the shortest wait that is tried.
  static constexpr std::uint64_t kShortest = 125'000;
  /// Limits without a message, after which nothing is known of those to come. Shorter silences are
  /// a part of steady traffic: who sends in bursts, or is put off by its own system for a moment.
  static constexpr std::uint64_t kPause = 16;

  /// Most nanoseconds from one turn to the next; 0: turns are never put off.
  explicit Pace(std::uint64_t longest_ns) : longest_ns_(longest_ns), most_ns_(longest_ns) {}

  /// After a turn that began then and had so many messages: when the next one may begin, in the
  /// same clock; not in the future if at once.
  std::uint64_t next_turn(std::uint64_t turn_ns, unsigned messages);

 private:
  /// What came in some time.
  struct Count {
    std::uint64_t ns = 0;
    std::uint64_t messages = 0;

    void add(const Count& other) {
      ns += other.ns;
      messages += other.messages;
    }
  };

  // Turns are looked at by the stretch. A round has stretches behind the whole wait and then some
  // behind half of it; the first of each kind has what the one before has left it, and does not
  // count. After a few rounds it is judged: of traffic that comes and goes by itself some have more
  // messages a second in their second part, of answers all have.
  static constexpr unsigned kStretch = 8;
  static constexpr unsigned kWhole = 9;
  static constexpr unsigned kHalf = 3;
  static constexpr unsigned kRounds = 4;
  /// After so many judgements a longer wait is tried again: twice as many if the last one failed.
  static constexpr unsigned kLeastPatience = 4;
  static constexpr unsigned kMostPatience = 256;

  bool is_half() const { return stretch_ >= kWhole; }
  bool is_few(const Count& count, std::uint64_t within) const;
  void start(std::uint64_t now_ns);
  void forget(std::uint64_t now_ns);
  void end_stretch(std::uint64_t now_ns);
  void end_round(std::uint64_t now_ns);
  void judge(std::uint64_t now_ns);
  void settle();

  std::uint64_t longest_ns_;
  std::uint64_t wait_ns_ = 0;
  std::uint64_t most_ns_;        // that has been found to cost nothing
  std::uint64_t failed_ns_ = 0;  // that has not
  unsigned patience_ = kLeastPatience;
  unsigned judged_ = 0;        // with the same most_ns_, below the longest
  std::uint64_t last_ns_ = 0;  // the last turn with messages

  std::uint64_t since_ns_ = 0;  // of the stretch
  unsigned turns_ = 0;          // of the stretch
  std::uint64_t messages_ = 0;  // of the stretch
  unsigned stretch_ = 0;        // of the round
  unsigned round_ = 0;          // since it was judged
  Count whole_, half_;          // of the round
  Count all_;                   // since it was judged
  bool costs_ = true;           // every round since then says so
};

}  // namespace opensips::loop
