#include "dialplan/rule.hh"

#include <algorithm>
#include <tuple>

#include "dialplan/fold.hh"

namespace opensips::dialplan {

base::Regex::Outcome Rule::matches(std::string_view input, std::string_view folded,
                                   std::int64_t now) const {
  if (when && !when->holds(now)) return base::Regex::Outcome::no;
  if (match) return match->match(input);
  const bool equal =
      ignore_case ? std::ranges::equal(match_exp, folded, {}, fold) : match_exp == input;
  return equal ? base::Regex::Outcome::yes : base::Regex::Outcome::no;
}

bool Rule::before(const Rule& other) const {
  return std::tie(priority, id, line) < std::tie(other.priority, other.id, other.line);
}

}  // namespace opensips::dialplan
