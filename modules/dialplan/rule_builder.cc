#include "dialplan/rule_builder.hh"

#include <fmt/format.h>

#include "dialplan/prefix.hh"

namespace opensips::dialplan {
namespace {

// Machine code of more patterns than this would not stay in the processor's caches, and costs
// 100 MB for 100,000 of them; then only those get it that are tried for inputs of all kinds.
constexpr std::size_t kOptimizeAll = 4096;

}  // namespace

void RuleBuilder::add(const RuleRow& row, const Report& report) {
  const int disabled = row.integer(Column::disabled).value_or(0);
  bool good = true;
  const Report tell = [&](Column column, const base::TextError& error) {
    good = false;
    report(column, error);
  };
  if (disabled != 0 && disabled != 1) {
    tell(Column::disabled, {0, fmt::format("disabled is {}, expected 0 or 1", disabled)});
  }
  if (disabled == 1) return;

  Rule rule;
  bool is_regex = false;
  rule.id = row.integer(Column::id).value_or(0);
  rule.priority = row.integer(Column::pr).value_or(0);
  rule.line = row.line;
  rule.attrs = row.text(Column::attrs);
  read_flags(row, rule, is_regex, tell);
  read_expressions(row, rule, is_regex, tell);
  if (good) rules_.push_back(std::move(rule));
}

void RuleBuilder::read_flags(const RuleRow& row, Rule& rule, bool& is_regex, const Report& report) {
  if (const auto dpid = row.integer(Column::dpid)) {
    rule.dpid = *dpid;
  } else {
    report(Column::dpid, {0, "dpid is missing"});
  }
  const auto match_op = row.integer(Column::match_op);
  if (!match_op) {
    report(Column::match_op, {0, "match_op is missing, expected 0 (equal) or 1 (regex)"});
  } else if (*match_op != 0 && *match_op != 1) {
    report(Column::match_op,
           {0, fmt::format("match_op is {}, expected 0 (equal) or 1 (regex)", *match_op)});
  }
  is_regex = match_op == 1;
  const int flags = row.integer(Column::match_flags).value_or(0);
  if (flags != 0 && flags != 1) {
    report(Column::match_flags,
           {0, fmt::format("match_flags is {}, expected 0 or 1 (ignore case)", flags)});
  }
  rule.ignore_case = flags == 1;
}

void RuleBuilder::read_expressions(const RuleRow& row, Rule& rule, bool is_regex,
                                   const Report& report) {
  rule.match_exp = row.text(Column::match_exp);
  if (rule.match_exp.empty()) report(Column::match_exp, {0, "match_exp is missing"});
  if (is_regex) rule.match = pattern(rule.match_exp, rule.ignore_case, Column::match_exp, report);

  std::optional<unsigned> groups;
  bool subst_is_wrong = false;
  if (const std::string& text = row.text(Column::subst_exp); !text.empty()) {
    rule.subst = pattern(text, rule.ignore_case, Column::subst_exp, report);
    subst_is_wrong = !rule.subst;
    if (rule.subst) groups = rule.subst->group_count();
  }
  if (const std::string& text = row.text(Column::repl_exp); !text.empty()) {
    // Behind a subst_exp that is wrong nobody knows what it may refer to.
    auto replacement = Replacement::parse(text, subst_is_wrong ? 9 : groups);
    if (replacement) {
      rule.replacement = std::move(*replacement);
    } else {
      report(Column::repl_exp, replacement.error());
    }
  }
  if (const std::string& text = row.text(Column::timerec); !text.empty()) {
    rule.when = condition(text, report);
  }
}

std::shared_ptr<const base::Regex> RuleBuilder::pattern(const std::string& text, bool ignore_case,
                                                        Column column, const Report& report) {
  if (text.empty()) return nullptr;
  auto& known = patterns_[ignore_case ? 1 : 0][text];
  if (known) return known;
  auto compiled = base::Regex::compile(text, ignore_case);
  if (!compiled) {
    report(column, compiled.error());
    return nullptr;
  }
  known = std::make_shared<base::Regex>(std::move(*compiled));
  return known;
}

std::shared_ptr<const base::TimeCondition> RuleBuilder::condition(const std::string& text,
                                                                  const Report& report) {
  auto& known = conditions_[text];
  if (known) return known;
  auto parsed = base::TimeCondition::parse(text, zones_);
  if (!parsed) {
    report(Column::timerec, parsed.error());
    return nullptr;
  }
  known = std::make_shared<const base::TimeCondition>(std::move(*parsed));
  return known;
}

void RuleBuilder::optimize() {
  const bool all = patterns_[0].size() + patterns_[1].size() <= kOptimizeAll;
  std::size_t left = kOptimizeAll;
  for (auto& patterns : patterns_) {
    for (auto& [text, pattern] : patterns) {
      if (!pattern || left == 0) continue;
      // Shared by rules, or tried whatever the input begins with.
      if (!all && pattern.use_count() <= 2 && !literal_prefixes(text).front().empty()) continue;
      pattern->optimize();
      --left;
    }
  }
}

RuleSet RuleBuilder::finish() {
  optimize();
  patterns_ = {};
  return RuleSet(std::move(rules_));
}

}  // namespace opensips::dialplan
