#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/text_error.hh"
#include "base/time_condition.hh"
#include "base/time_zone.hh"
#include "dialplan/rule.hh"
#include "dialplan/rule_row.hh"
#include "dialplan/rule_set.hh"

namespace opensips::dialplan {

/// Makes a rule set of rows, whether they come from a file or from a database. Equal expressions
/// are compiled once. Reads the database of time zones, takes its time: not for a worker.
class RuleBuilder {
 public:
  /// Told what is wrong with a column of the row that is being added.
  using Report = std::function<void(Column column, const base::TextError& error)>;

  /// Adds a row, unless it is disabled; then its expressions are not even looked at. What is wrong
  /// with it, all of it, goes to `report`, and it is left out.
  void add(const RuleRow& row, const Report& report);

  /// All that was added. The builder is used up.
  RuleSet finish();

 private:
  /// Patterns by what they are made of; null for one that is wrong. One map for those that ignore
  /// case, one for the others.
  using Patterns = std::unordered_map<std::string, std::shared_ptr<base::Regex>>;

  std::shared_ptr<const base::Regex> pattern(const std::string& text, bool ignore_case,
                                             Column column, const Report& report);
  std::shared_ptr<const base::TimeCondition> condition(const std::string& text,
                                                       const Report& report);
  void read_flags(const RuleRow& row, Rule& rule, bool& is_regex, const Report& report);
  void read_expressions(const RuleRow& row, Rule& rule, bool is_regex, const Report& report);
  void optimize();

  std::vector<Rule> rules_;
  std::array<Patterns, 2> patterns_;
  std::unordered_map<std::string, std::shared_ptr<const base::TimeCondition>> conditions_;
  base::TimeZones zones_;
};

}  // namespace opensips::dialplan
