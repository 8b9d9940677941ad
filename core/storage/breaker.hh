#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace opensips::storage {

/// A circuit breaker: while a database is known not to answer, nobody waits for it. It reads no
/// clock and has no lock: its Database has both.
///
/// Closed, all is well. It opens when no connection can be made, or after several statements in
/// turn to which nothing came back; then everything is refused at once. After a pause it is half
/// open: one connection is tried, with nobody's statement. If that fails the next pause is twice as
/// long.
class Breaker {
 public:
  using Time = std::chrono::steady_clock::time_point;

  enum class State : std::uint8_t { closed, open, half_open };

  struct Options {
    unsigned timeouts = 3;  ///< in turn, before it opens
    std::chrono::milliseconds shortest_pause{250};
    std::chrono::milliseconds longest_pause{10'000};
  };

  explicit Breaker(const Options& options) : options_(options), pause_(options.shortest_pause) {}

  State state() const { return state_; }
  bool is_closed() const { return state_ == State::closed; }

  /// A statement was not answered in time. True if it opened.
  bool timed_out(Time now);
  /// No connection can be made.
  void failed(Time now);
  /// A statement was answered.
  void answered() { timeouts_ = 0; }

  /// Open, and the pause is over: whoever gets true has to try, and then to say failed() or
  /// recovered().
  bool begin_trial(Time now);
  void recovered();

  /// When it is open: the end of the pause.
  Time retry_at() const { return retry_at_; }

 private:
  void open(Time now);

  Options options_;
  State state_ = State::closed;
  unsigned timeouts_ = 0;  // in turn
  std::chrono::milliseconds pause_;
  Time retry_at_;
};

/// "closed", "open", "half open"
std::string_view to_string(Breaker::State state);

}  // namespace opensips::storage
