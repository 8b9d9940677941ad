#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dialplan/fold.hh"
#include "dialplan/rule_builder.hh"
#include "dialplan/translate.hh"

namespace opensips::dialplan::testing {

/// A row with what a test cares about.
struct Row {
  int id = 1;
  int pr = 0;
  bool regex = true;
  std::string match_exp;
  bool ignore_case = false;
  std::string subst_exp = "";
  std::string repl_exp = "";
  std::string timerec = "";
  bool disabled = false;
  std::string attrs = "";
  int dpid = 1;

  RuleRow row() const {
    RuleRow out{.line = static_cast<unsigned>(id) + 1};
    const auto integer = [&out](Column column, int value) {
      out.integers[static_cast<unsigned>(column)] = value;
    };
    const auto text = [&out](Column column, const std::string& value) {
      out.texts[static_cast<unsigned>(column)] = value;
    };
    integer(Column::id, id);
    integer(Column::dpid, dpid);
    integer(Column::pr, pr);
    integer(Column::match_op, regex ? 1 : 0);
    integer(Column::match_flags, ignore_case ? 1 : 0);
    integer(Column::disabled, disabled ? 1 : 0);
    text(Column::match_exp, match_exp);
    text(Column::subst_exp, subst_exp);
    text(Column::repl_exp, repl_exp);
    text(Column::timerec, timerec);
    text(Column::attrs, attrs);
    return out;
  }
};

/// Rules that are known to be right.
inline RuleSet rules_of(const std::vector<Row>& rows) {
  RuleBuilder builder;
  for (const Row& row : rows) {
    builder.add(row.row(), [&row](Column column, const base::TextError& error) {
      ADD_FAILURE() << kColumnNames[static_cast<unsigned>(column)] << " of rule " << row.id << ": "
                    << error.message;
    });
  }
  return builder.finish();
}

/// What is wrong with one row: "column at offset: message", one for each error.
inline std::vector<std::string> errors_of(const Row& row) {
  std::vector<std::string> errors;
  RuleBuilder builder;
  builder.add(row.row(), [&errors](Column column, const base::TextError& error) {
    errors.push_back(std::string(kColumnNames[static_cast<unsigned>(column)]) + " at " +
                     std::to_string(error.offset) + ": " + error.message);
  });
  return errors;
}

inline constexpr std::int64_t kNow = 1'591'357'895;  // Friday, 2020-06-05T11:51:35 UTC

/// The id of the rule that matches; 0: none.
inline int matching(const RuleSet& rules, std::string_view input, std::int64_t now = kNow) {
  const Translation found = translate(rules, 1, input, now);
  return found.rule ? found.rule->id : 0;
}

/// The same by trying all rules in order, without the index.
inline int matching_by_scan(const RuleSet& rules, std::string_view input, std::int64_t now = kNow) {
  const Plan* const plan = rules.plan(1);
  if (!plan) return 0;
  for (const Rule& rule : plan->rules()) {
    if (rule.matches(input, folded(input), now) == base::Regex::Outcome::yes) return rule.id;
  }
  return 0;
}

/// What becomes of an input; none: it is not translated.
inline std::optional<std::string> output(const RuleSet& rules, std::string_view input,
                                         std::int64_t now = kNow) {
  Translation result = translate(rules, 1, input, now);
  if (result.verdict != Verdict::translated) return std::nullopt;
  return std::move(result.output);
}

}  // namespace opensips::dialplan::testing
