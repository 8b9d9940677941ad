#include "dialplan/rule_set.hh"

#include <algorithm>
#include <utility>

namespace opensips::dialplan {
namespace {

std::vector<Rule> in_order(std::vector<Rule> rules) {
  std::ranges::stable_sort(rules, [](const Rule& a, const Rule& b) { return a.before(b); });
  return rules;
}

}  // namespace

Plan::Plan(std::vector<Rule> rules) : rules_(in_order(std::move(rules))), index_(rules_) {}

RuleSet::RuleSet(std::vector<Rule> rules) : rule_count_(rules.size()) {
  std::unordered_map<int, std::vector<Rule>> by_dpid;
  for (Rule& rule : rules) by_dpid[rule.dpid].push_back(std::move(rule));
  for (auto& [dpid, list] : by_dpid) plans_.emplace(dpid, Plan(std::move(list)));
}

const Plan* RuleSet::plan(int dpid) const {
  const auto found = plans_.find(dpid);
  return found == plans_.end() ? nullptr : &found->second;
}

}  // namespace opensips::dialplan
