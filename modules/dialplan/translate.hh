#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "dialplan/rule_set.hh"

namespace opensips::dialplan {

inline constexpr std::size_t kMaxInput = 1024;   ///< bytes of an input
inline constexpr std::size_t kMaxOutput = 4096;  ///< and of what is made of it
inline constexpr unsigned kMaxLimits = 16;       ///< rules that may cost too much in one look-up

enum class Verdict : std::uint8_t {
  translated,
  no_dpid,          ///< no rule has this dpid
  no_rule,          ///< none of its rules matches
  no_substitution,  ///< one matches, but its subst_exp does not
  too_long,         ///< the input, or what would become of it
  too_costly,       ///< too many rules passed the limit of a match
};
std::string_view to_string(Verdict verdict);

/// What became of an input.
struct Translation {
  Verdict verdict = Verdict::no_rule;
  const Rule* rule = nullptr;  ///< the one that matched; belongs to the rule set
  std::string output;          ///< if translated
  unsigned limits = 0;         ///< rules that cost too much, and so did not match
};

/// Translates by the first rule that matches, in the order of `pr`, as OpenSIPS does. `now` is in
/// seconds since 1970. Any thread.
Translation translate(const RuleSet& rules, int dpid, std::string_view input, std::int64_t now);

}  // namespace opensips::dialplan
