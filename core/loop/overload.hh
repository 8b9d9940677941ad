#pragma once

#include <cstdint>

namespace opensips::loop {

/// Whether a worker has more to do than it can. The sign is how long it would take to work off what
/// waits: the messages that wait, as far as is known, by what one of them cost of late. It is only
/// looked at when a turn was full, so that it costs nothing before, and one long turn of a machine
/// that stood still is no sign.
///
/// While it lasts, new requests are answered 503 without a transaction, which costs a fraction of
/// what they would, so that the queue gets shorter and what belongs to accepted ones (responses,
/// ACK, CANCEL, requests inside dialogs) goes on. One worker.
class Overload {
 public:
  /// What waits may take so long; 0: as long as it likes.
  void set_limit(std::uint64_t limit_ms) { limit_ns_ = limit_ms * 1'000'000; }

  /// One more message is handled in this turn.
  void count_message() { ++messages_; }
  /// There was as much as a turn takes: who has a queue says how long it is.
  bool turn_is_full() const { return limit_ns_ != 0 && messages_ >= kFullTurn; }
  void add_waiting(std::uint64_t messages) { waiting_ += messages; }
  /// A queue has no room for much more: what comes next may be lost.
  void note_pressure() { pressed_ = true; }

  /// Ends a turn that took so long; of one that was not full the time does not matter.
  void turn_ended(std::uint64_t took_ns);

  bool is_shedding() const { return shedding_; }

  static constexpr unsigned kFullTurn = 128;  ///< messages; what a turn reads from one UDP socket

 private:
  std::uint64_t limit_ns_ = 0;
  std::uint64_t cost_ns_ = 0;  // of a message, while nothing is shed; 0: not known
  std::uint64_t waiting_ = 0;
  unsigned messages_ = 0;
  bool pressed_ = false;
  bool shedding_ = false;
};

}  // namespace opensips::loop
