#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/regex.hh"
#include "base/time_condition.hh"
#include "dialplan/replacement.hh"

namespace opensips::dialplan {

/// Says yes to the first who asks. Any thread.
class Once {
 public:
  Once() = default;
  Once(Once&& other) noexcept : done_(other.done_.load(std::memory_order_relaxed)) {}
  Once& operator=(Once&& other) noexcept {
    done_.store(other.done_.load(std::memory_order_relaxed), std::memory_order_relaxed);
    return *this;
  }
  bool first() const { return !done_.exchange(true, std::memory_order_relaxed); }

 private:
  mutable std::atomic<bool> done_ = false;
};

/// One row of the table, ready for use. Immutable, but for what was said about it; patterns and
/// conditions may be shared with other rules.
struct Rule {
  int id = 0;
  int dpid = 0;
  int priority = 0;   ///< `pr`; the smallest is tried first
  unsigned line = 0;  ///< where it stands in its file
  bool ignore_case = false;
  std::string match_exp;
  std::shared_ptr<const base::Regex>
      match;  ///< of match_exp; none: the input has to be equal to it
  std::shared_ptr<const base::Regex> subst;
  std::optional<Replacement> replacement;           ///< none: the input stays as it is
  std::shared_ptr<const base::TimeCondition> when;  ///< none: always
  std::string attrs;
  Once limit_told;

  /// Whether it is for this input at this moment (seconds since 1970). `folded` is the input in
  /// small letters.
  base::Regex::Outcome matches(std::string_view input, std::string_view folded,
                               std::int64_t now) const;

  /// The order in which rules of one dpid are tried.
  bool before(const Rule& other) const;
};

}  // namespace opensips::dialplan
