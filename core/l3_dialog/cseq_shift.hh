#pragma once

#include <array>
#include <cstdint>

namespace opensips::dialog {

/// The CSeq numbers of one side's requests, once we have sent some in its name: the other side has
/// seen more of them, and every later one goes on with a number that is as much higher (RFC 3261
/// 12.2.1.1 wants them to grow by one; 12.2.2 refuses what is lower). Answers and ACKs get theirs
/// back. It knows the last few changes, so that what was under way when we sent ours is counted as
/// it was.
class CSeqShift {
 public:
  /// `last`: the highest number that has come from the side. The next one for us to use.
  std::uint32_t take_next(std::uint32_t last);

  /// What the other side is to get for a number that comes from this one.
  std::uint32_t forth(std::uint32_t number) const;
  /// The number that this side knows for one of the other's answers.
  std::uint32_t back(std::uint32_t number) const;

  /// How much is added now.
  std::uint32_t amount() const { return changes_[0].amount; }
  /// Goes on with what an earlier process had added.
  void restore(std::uint32_t last, std::uint32_t amount) { changes_[0] = {last, amount}; }

 private:
  /// Numbers above `above` are moved by `amount`.
  struct Change {
    std::uint32_t above = 0;
    std::uint32_t amount = 0;
  };
  std::array<Change, 4> changes_{};  // the newest first
};

}  // namespace opensips::dialog
