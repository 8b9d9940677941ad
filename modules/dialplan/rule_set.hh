#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "dialplan/index.hh"
#include "dialplan/rule.hh"

namespace opensips::dialplan {

/// The rules of one dpid in the order in which they are tried, and their index. Immutable.
class Plan {
 public:
  explicit Plan(std::vector<Rule> rules);

  std::span<const Rule> rules() const { return rules_; }
  const Index& index() const { return index_; }

 private:
  std::vector<Rule> rules_;
  Index index_;
};

/// All rules of a partition: what is published, read by all threads and replaced as a whole.
class RuleSet {
 public:
  RuleSet() = default;
  explicit RuleSet(std::vector<Rule> rules);

  /// nullptr when no rule has this dpid.
  const Plan* plan(int dpid) const;
  std::size_t rule_count() const { return rule_count_; }
  std::size_t plan_count() const { return plans_.size(); }

 private:
  std::unordered_map<int, Plan> plans_;
  std::size_t rule_count_ = 0;
};

}  // namespace opensips::dialplan
