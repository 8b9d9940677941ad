#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/counter_table.hh"

namespace opensips::dialog {

/// How many dialogs are in each profile, over all workers: exact, and a limit is asked about and
/// counted in one step. A profile has values (calls by customer) or none (calls through a gateway);
/// with values each has a count of its own besides that of all. Any thread.
class Profiles {
 public:
  static constexpr std::size_t kMaxName = 64;
  static constexpr std::size_t kMaxValue = 256;

  /// `capacity`: the most pairs of a name and a value at a time.
  explicit Profiles(std::size_t capacity) : counts_(capacity, 0) {}

  using Outcome = base::CounterTable::Outcome;
  /// One more dialog, unless there are `limit` of this name and value.
  Outcome add(std::string_view name, std::string_view value,
              std::uint64_t limit = base::CounterTable::kNoLimit);
  void subtract(std::string_view name, std::string_view value);

  /// Of one value; an empty one stands for all.
  std::uint64_t size(std::string_view name, std::string_view value = {}) const;

  struct Count {
    std::string value;
    std::uint64_t dialogs;
  };
  /// Of all values that have a dialog, in order.
  std::vector<Count> values(std::string_view name) const;

 private:
  base::CounterTable counts_;
};

}  // namespace opensips::dialog
