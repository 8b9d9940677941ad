#include "l3_dialog/cseq_shift.hh"

#include <algorithm>

namespace opensips::dialog {

std::uint32_t CSeqShift::take_next(std::uint32_t last) {
  const Change next{last, amount() + 1};
  // Nothing came between the last one of ours and this one: the same numbers are moved once more.
  if (amount() == 0 || changes_[0].above != last) {
    std::shift_right(changes_.begin(), changes_.end(), 1);
  }
  changes_[0] = next;
  return last + next.amount;
}

std::uint32_t CSeqShift::forth(std::uint32_t number) const {
  for (const auto& change : changes_) {
    if (number > change.above) return number + change.amount;
  }
  return number;
}

std::uint32_t CSeqShift::back(std::uint32_t number) const {
  for (const auto& change : changes_) {
    if (number > change.above + change.amount) return number - change.amount;
  }
  return number;
}

}  // namespace opensips::dialog
