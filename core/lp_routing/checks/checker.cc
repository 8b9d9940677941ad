#include "lp_routing/checks/checker.hh"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "lp_routing/checks/checks.hh"
#include "lp_routing/checks/libraries.hh"
#include "lp_routing/functions/suggest.hh"

namespace opensips::routing::checks {
namespace {

using Kind = Expression::Kind;
using Known = Type::Kind;

/// A global that neither Lua nor the script has.
bool is_missing(const Variable& variable) {
  return variable.is_global && !variable.is_assigned && !is_global(variable.name);
}

/// Whether what stands behind the block is not run after it.
bool leaves(const Block& block) {
  using Is = Statement::Kind;
  if (block.statements.empty()) return false;
  const auto last = block.statements.back()->kind;
  return last == Is::leave || last == Is::jump;
}

}  // namespace

std::string Finding::line() const {
  return fmt::format("{}:{}:{}: {}: {} ({})", file, at.line, at.column,
                     is_error ? "error" : "warning", text, is_certain ? "certain" : "likely");
}

std::vector<Finding> look_at(const Sources& sources) {
  const Program program(sources);
  auto findings = Checker(program).run();
  findings.insert(findings.begin(), program.findings().begin(), program.findings().end());
  std::map<std::string_view, std::size_t> places;  // of files, in the order in which they are read
  for (const File& file : program.files()) places.emplace(file.path, places.size());
  std::ranges::stable_sort(findings, {}, [&](const Finding& one) {
    const auto place = places.find(one.file);
    return std::tuple(place == places.end() ? places.size() : place->second, one.at);
  });
  return findings;
}

std::vector<Finding> Checker::run() {
  for (const File& file : program_.files()) look_at(file);
  return std::move(findings_);
}

void Checker::look_at(const File& file) {
  file_ = &file;
  note_targets(file);
  note_doubts(file);
  for (const Expression& one : file.tree.expressions) {
    if (one.is(Kind::name)) name(one);
    if (one.is(Kind::index)) index(one);
    if (one.is(Kind::call)) call(one);
    if (one.is(Kind::method)) method(one);
  }
}

void Checker::note_targets(const File& file) {
  targets_.clear();
  used_.clear();
  for (const Statement& one : file.tree.statements) {
    for (const Expression* const target : one.targets) targets_.insert(target);
  }
  for (const Expression& one : file.tree.expressions) {
    const bool uses = one.is(Kind::call) || one.is(Kind::method) || one.is(Kind::index);
    if (uses) used_.insert(one.parts[0]);
  }
}

void Checker::note_doubts(const File& file) {
  doubts_.clear();
  const auto asks = [&](const Expression* condition) { return this->asks(*condition); };
  for (const Statement& one : file.tree.statements) {
    if (one.kind != Statement::Kind::branch) continue;
    if (!std::ranges::any_of(one.values, asks)) continue;
    doubts_.push_back({one.at, std::ranges::any_of(one.blocks, leaves) ? one.owner->end : one.end});
  }
  for (const Expression& one : file.tree.expressions) {
    if (!one.is_operator("and") && !one.is_operator("or")) continue;
    const bool is_asked = std::any_of(one.parts.begin(), one.parts.end() - 1, asks);
    if (is_asked) doubts_.push_back({one.at, one.end});
  }
}

/// Whether a condition looks at what there is before that is used: at the version of the server,
/// the type of a value, or a global or function of a library that there may not be. What the
/// condition itself calls or indexes has to be there.
bool Checker::asks(const Expression& condition) const {
  if (condition.is(Kind::call) && flow_.type_of(*condition.parts[0]).is_builtin("type")) {
    return true;
  }
  if (condition.is(Kind::index) && condition.parts[1]->is(Kind::string)) {
    const std::string& key = condition.parts[1]->text;
    if (key == "version" || key == "generation") return true;
    const Type object = flow_.type_of(*condition.parts[0]);
    const bool is_absent = object.is(Known::library) && !has(object.name, key) &&
                           refusal_of(object.name, key).text.empty();
    if (is_absent && !used_.contains(&condition)) return true;
  }
  if (condition.is(Kind::name) && is_missing(*condition.variable) && !used_.contains(&condition)) {
    return true;
  }
  return std::ranges::any_of(condition.parts,
                             [this](const Expression* part) { return part && asks(*part); });
}

bool Checker::ends_a_handler(const Expression& at) const {
  if (program_.is_dynamic() || !flow_.reach(*at.owner).is_sure) return false;
  return std::ranges::none_of(
      doubts_, [&](const Range& range) { return range.begin <= at.at && at.at < range.end; });
}

void Checker::error(const Expression& at, std::string text, Sure sure) {
  const bool is_certain = sure == Sure::certain && ends_a_handler(at);
  const bool is_at_start = flow_.reach(*at.owner).places == kTopLevel;
  findings_.push_back({file_->path, at.at, true, is_certain, std::move(text), is_at_start});
}

void Checker::warning(const Expression& at, std::string text) {
  findings_.push_back({file_->path, at.at, false, false, std::move(text)});
}

const Function* Checker::find_row(const Type& object, std::string_view name) const {
  if (!object.is(Known::object)) return nullptr;
  for (const Function& row : program_.functions().rows(object.object)) {
    const bool is_named = row.kind < Function::Kind::text && row.kind != Function::Kind::setter;
    if (is_named && row.name == name) return &row;
  }
  return nullptr;
}

void Checker::name(const Expression& name) {
  const Variable& variable = *name.variable;
  if (!variable.is_global) return;
  if (targets_.contains(&name)) return assignment(name);
  if (!is_missing(variable) || program_.is_dynamic()) return;
  std::string text = fmt::format("the global '{}' is assigned nowhere", variable.name);
  std::vector<std::string_view> names = globals();
  for (const auto& [other, global] : program_.globals()) {
    if (global.is_assigned) names.push_back(other);
  }
  const auto meant = nearest(variable.name, names);
  if (!meant.empty()) text += fmt::format(": did you mean '{}'?", meant);
  if (!used_.contains(&name)) return warning(name, std::move(text));
  error(name, std::move(text), program_.is_complete() ? Sure::certain : Sure::likely);
}

/// In a function: what a file says once, for all of it, is none of this.
void Checker::assignment(const Expression& target) {
  if (program_.is_dynamic() || target.owner == &file_->tree.bodies.front()) return;
  if (is_global(target.text) || !told_.insert(target.text).second) return;
  warning(target,
          fmt::format("the global '{}' is assigned in a function: each worker has its own, and "
                      "all calls of the worker share it; write local, or keep what all "
                      "workers need in sip.shared",
                      target.text));
}

}  // namespace opensips::routing::checks
