#pragma once

#include <cstdint>

namespace opensips::loop {

/// Whether a worker has more to do than it can. The sign is a queue that stands: turn after turn is
/// full (as many messages as a turn takes, or half the limit long), for longer than the limit. A
/// burst is worked off before that; one long turn, of a machine that stood still, is not enough. It
/// ends with the first turn that is not full, since then what waited is worked off.
///
/// While it lasts, new requests are answered 503 without a transaction, which costs a fraction of
/// what they would, so that the queue gets shorter and what belongs to accepted ones (responses,
/// ACK, CANCEL, requests inside dialogs) goes on. One worker.
class Overload {
 public:
  /// `limit_ms` 0: never.
  void set_limit(std::uint64_t limit_ms) { limit_ms_ = limit_ms; }

  /// One more message is handled in this turn.
  void count_message() { ++messages_; }
  /// Ends a turn. `began_ms`, `ended_ms`: monotonic; a resolution of some milliseconds will do.
  void turn_ended(std::uint64_t began_ms, std::uint64_t ended_ms);

  bool is_shedding() const { return shedding_; }

  static constexpr unsigned kFullTurn = 128;  ///< messages; what a turn reads from one UDP socket

 private:
  std::uint64_t limit_ms_ = 0;
  std::uint64_t full_since_ = 0;  // when the first of the full turns began
  unsigned full_turns_ = 0;       // in a row; more than two are two
  unsigned messages_ = 0;
  bool shedding_ = false;
};

}  // namespace opensips::loop
