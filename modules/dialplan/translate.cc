#include "dialplan/translate.hh"

#include <algorithm>
#include <array>

#include "base/log.hh"
#include "dialplan/fold.hh"

namespace opensips::dialplan {
namespace {

void tell_limit(const Rule& rule, std::string_view column) {
  if (!rule.limit_told.first()) return;
  base::log_warn("dialplan: {} of rule {} (dpid {}) costs too much to be matched", column, rule.id,
                 rule.dpid);
}

/// The first rule that matches, or the verdict that there is none.
void find_rule(const Plan& plan, std::string_view input, std::int64_t now, Translation& result) {
  std::array<char, kMaxInput> room;
  std::ranges::transform(input, room.begin(), fold);
  const std::string_view folded(room.data(), input.size());
  Candidates candidates(plan.index(), folded);
  while (const auto place = candidates.next()) {
    const Rule& rule = plan.rules()[*place];
    const base::Regex::Outcome outcome = rule.matches(input, folded, now);
    if (outcome == base::Regex::Outcome::yes) {
      result.rule = &rule;
      return;
    }
    if (outcome == base::Regex::Outcome::no) continue;
    tell_limit(rule, "match_exp");
    if (++result.limits == kMaxLimits) {
      result.verdict = Verdict::too_costly;
      return;
    }
  }
  result.verdict = Verdict::no_rule;
}

Verdict substitute(const Rule& rule, std::string_view input, Translation& result) {
  if (!rule.replacement) {
    result.output = input;
    return Verdict::translated;
  }
  base::Regex::Groups groups{};
  if (rule.subst) {
    const auto outcome = rule.subst->match(input, groups);
    if (outcome == base::Regex::Outcome::limit) {
      ++result.limits;
      tell_limit(rule, "subst_exp");
    }
    if (outcome != base::Regex::Outcome::yes) return Verdict::no_substitution;
  }
  if (rule.replacement->size(groups) > kMaxOutput) return Verdict::too_long;
  result.output = rule.replacement->expand(groups);
  return Verdict::translated;
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::translated: return "translated";
    case Verdict::no_dpid: return "no such dpid";
    case Verdict::no_rule: return "no rule";
    case Verdict::no_substitution: return "subst_exp does not match";
    case Verdict::too_long: return "too long";
    case Verdict::too_costly: return "too costly";
  }
  return "unknown";
}

Translation translate(const RuleSet& rules, int dpid, std::string_view input, std::int64_t now) {
  Translation result;
  const Plan* const plan = rules.plan(dpid);
  if (!plan) {
    result.verdict = Verdict::no_dpid;
  } else if (input.size() > kMaxInput) {
    result.verdict = Verdict::too_long;
  } else {
    find_rule(*plan, input, now, result);
    if (result.rule) result.verdict = substitute(*result.rule, input, result);
  }
  return result;
}

}  // namespace opensips::dialplan
