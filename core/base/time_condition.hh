#pragma once

#include <cstdint>
#include <expected>
#include <string_view>
#include <vector>

#include "base/recurrence.hh"
#include "base/text_error.hh"
#include "base/time_zone.hh"

namespace opensips::base {

/// When something holds: recurrences joined by `&` (and) or `/` (or), negated by `!`, grouped by
/// parentheses; one kind of operator in each group, as OpenSIPS 3.x writes the column timerec:
///
///   20200101T080000||10H|weekly|||MO,TU,WE,TH,FR & !(20251224T000000|20251227T000000)
///
/// A blank ends a recurrence; a `/` does so behind its first `|` (before, it is of the time zone's
/// name). Immutable: any thread.
class TimeCondition {
 public:
  /// Reads the database of time zones: not for a worker.
  static std::expected<TimeCondition, TextError> parse(std::string_view text, TimeZones& zones);

  /// Whether it holds at that moment, in seconds since 1970 UTC.
  bool holds(std::int64_t time) const { return holds(0, time); }

 private:
  friend class TimeConditionParser;
  /// A node of the tree, whose children come right behind it.
  struct Node {
    enum class Kind : std::uint8_t { leaf, all, any };
    Kind kind = Kind::leaf;
    bool negated = false;
    std::size_t leaf = 0;  // into recurrences_
    std::size_t end = 0;   // behind the last of its children
  };

  bool holds(std::size_t node, std::int64_t time) const;

  std::vector<Node> nodes_;
  std::vector<Recurrence> recurrences_;
};

}  // namespace opensips::base
