#include "lp_routing/functions/suggest.hh"

#include <algorithm>
#include <numeric>
#include <vector>

#include <fmt/format.h>

#include "lp_routing/functions/table.hh"

namespace opensips::routing {
namespace {

/// How many letters have to be put in, taken out or changed (Levenshtein, 1966).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string_view nearest(std::string_view name, std::span<const std::string_view> names) {
  constexpr std::size_t kLongest = 64;
  if (name.size() > kLongest) return {};
  std::string_view found;
  std::size_t least = std::min(std::max<std::size_t>(3, name.size() / 3 + 1), name.size());
  for (const auto known : names) {
    const std::size_t steps = distance(name, known);
    if (steps >= least) continue;
    least = steps;
    found = known;
  }
  return found;
}

std::string unknown_field(const FunctionTable& functions, ObjectKind kind, std::string_view name) {
  std::string text = fmt::format("{} has no field '{:.40}'", functions.name(kind), name);
  std::vector<std::string_view> names;
  for (const Function& function : functions.rows(kind)) {
    if (function.kind < Function::Kind::text) names.push_back(function.name);
  }
  const auto meant = nearest(name, names);
  if (!meant.empty()) text += fmt::format(": did you mean '{}'?", meant);
  return text;
}

std::string unassignable_field(const FunctionTable& functions, ObjectKind kind,
                               std::string_view name) {
  for (const Function& function : functions.rows(kind)) {
    if (function.name == name && function.kind < Function::Kind::text) {
      return fmt::format("{}.{} cannot be assigned", functions.name(kind), name);
    }
  }
  return unknown_field(functions, kind, name);
}

}  // namespace opensips::routing
