#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace opensips::dialplan {

/// The columns of OpenSIPS's table `dialplan`, version 5, in its order.
enum class Column : unsigned {
  id,
  dpid,
  pr,
  match_op,
  match_exp,
  match_flags,
  subst_exp,
  repl_exp,
  timerec,
  disabled,
  attrs,
};
inline constexpr std::array<std::string_view, 11> kColumnNames{
    "id",        "dpid",     "pr",      "match_op", "match_exp", "match_flags",
    "subst_exp", "repl_exp", "timerec", "disabled", "attrs"};

constexpr bool is_integer(Column column) {
  switch (column) {
    case Column::id:
    case Column::dpid:
    case Column::pr:
    case Column::match_op:
    case Column::match_flags:
    case Column::disabled: return true;
    default: return false;
  }
}

/// One row as it was read, from wherever.
struct RuleRow {
  unsigned line = 0;
  std::array<std::optional<int>, kColumnNames.size()> integers;  ///< nothing: null
  std::array<std::string, kColumnNames.size()> texts;            ///< empty: null as well

  std::optional<int> integer(Column column) const {
    return integers[static_cast<unsigned>(column)];
  }
  const std::string& text(Column column) const { return texts[static_cast<unsigned>(column)]; }
};

}  // namespace opensips::dialplan
