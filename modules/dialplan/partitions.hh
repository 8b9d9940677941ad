#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/snapshot.hh"
#include "dialplan/rule_set.hh"

namespace opensips::dialplan {

/// Where the rules of a partition come from: a file or a database. Either all of them, or what
/// is wrong, a line for each. Called on the control thread.
using RuleSource = std::function<std::expected<RuleSet, std::string>()>;

/// A set of rules with a name of its own.
class Partition {
 public:
  Partition(std::string name, RuleSource source)
      : name_(std::move(name)), source_(std::move(source)) {}

  const std::string& name() const { return name_; }
  const base::Snapshot<RuleSet>& rules() const { return rules_; }

 private:
  friend class Partitions;
  std::string name_;
  RuleSource source_;
  base::Snapshot<RuleSet> rules_;
};

/// All partitions of the server. They are added at start; then the control thread loads them, again
/// and again, and every thread may find one.
class Partitions {
 public:
  /// False when there is one of that name.
  bool add(std::string name, RuleSource source);

  /// nullptr when there is none.
  const Partition* find(std::string_view name) const;
  const std::vector<std::unique_ptr<Partition>>& all() const { return all_; }

  /// Loads all partitions, or the one of that name. Either all that was asked for is published, or
  /// nothing is and what is wrong comes back. Control thread.
  std::expected<void, std::string> load() { return load(all_.begin(), all_.end()); }
  std::expected<void, std::string> load(std::string_view name);

  /// What was loaded elsewhere, of a partition that is there. Control thread.
  void publish(std::string_view name, RuleSet rules);

  /// Frees rule sets that were replaced and that no thread looks at any more. A set is never freed
  /// by a worker, which that would hold up: 100,000 rules take some 50 ms. Control thread.
  void free_retired();

 private:
  using Iterator = std::vector<std::unique_ptr<Partition>>::const_iterator;
  std::expected<void, std::string> load(Iterator begin, Iterator end);
  void replace(Partition& partition, std::shared_ptr<const RuleSet> rules);

  std::vector<std::unique_ptr<Partition>> all_;
  std::vector<std::shared_ptr<const RuleSet>> retired_;
};

}  // namespace opensips::dialplan
