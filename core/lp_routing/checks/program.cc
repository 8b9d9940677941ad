#include "lp_routing/checks/program.hh"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "lp_routing/checks/libraries.hh"
#include "lp_routing/checks/parser.hh"
#include "lp_routing/lua/modules.hh"

namespace opensips::routing::checks {
namespace {

using Kind = Expression::Kind;

/// What makes or changes globals without naming them, or what is behind a name.
constexpr std::string_view kDynamic[] = {"_G",      "getfenv", "load",   "loadstring",
                                         "setfenv", "rawset",  "module", "package"};

/// The globals of Lua's that a file uses: under their names, or as locals that are nothing else
/// (local require = require).
class Names {
 public:
  explicit Names(const Tree& tree) {
    for (const Statement& one : tree.statements) {
      if (one.kind != Statement::Kind::local) continue;
      for (std::size_t i = 0; i < std::min(one.variables.size(), one.values.size()); ++i) {
        const Expression* const value = one.values[i];
        const bool is_global = value->is(Kind::name) && value->variable->is_global;
        if (is_global) values_.emplace(one.variables[i], value);
      }
    }
    for (const Statement& one : tree.statements) {
      for (const Expression* const target : one.targets) values_.erase(target->variable);
    }
  }

  bool is(const Expression& expression, std::string_view name) const {
    const auto value = values_.find(expression.variable);
    return is_own_global(value == values_.end() ? expression : *value->second, name);
  }

  /// What is only there to give a local its value.
  std::set<const Expression*> values() const {
    std::set<const Expression*> all;
    for (const auto& [variable, value] : values_) all.insert(value);
    return all;
  }

 private:
  std::map<const Variable*, const Expression*> values_;
};

}  // namespace

bool is_own_global(const Expression& expression, std::string_view name) {
  return expression.is(Kind::name) && expression.variable->is_global && expression.text == name &&
         !expression.variable->is_assigned;
}

Program::Program(const Sources& sources) : sources_(sources) {
  const auto& functions = *sources.functions;
  for (unsigned number = 0; number < functions.kinds(); ++number) {
    const auto kind = static_cast<ObjectKind>(number);
    if (functions.is_table(kind)) tables_.emplace(functions.name(kind), kind);
  }
  if (const std::string* const text = sources.read(sources.script)) add(sources.script, *text);
  look_for_dynamics();
}

const ObjectKind* Program::table(std::string_view name) const {
  const auto found = tables_.find(name);
  return found == tables_.end() ? nullptr : &found->second;
}

void Program::add(const std::string& path, const std::string& text) {
  auto tree = parse(text, globals_);
  if (!tree) {
    is_complete_ = false;
    findings_.push_back({path, tree.error().at, false, false,
                         fmt::format("the file cannot be checked: {}", tree.error().text)});
    return;
  }
  const File& file = files_.emplace_back(path, std::move(*tree));
  require_all(file);
}

void Program::require_all(const File& file) {
  const Names names(file.tree);
  auto followed = names.values();
  for (const Expression& call : file.tree.expressions) {
    if (!call.is(Kind::call)) continue;
    const bool is_guarded = names.is(*call.parts[0], "pcall");
    const std::size_t first = is_guarded ? 1 : 0;
    if (call.parts.size() < first + 2 || !names.is(*call.parts[first], "require")) continue;
    followed.insert(call.parts[first]);
    const Expression& name = *call.parts[first + 1];
    if (name.is(Kind::string)) {
      require(file, call, name, is_guarded);
    } else {
      is_complete_ = false;
    }
  }
  // Whoever else gets it may require anything.
  for (const Expression& one : file.tree.expressions) {
    if (names.is(one, "require") && !followed.contains(&one)) is_complete_ = false;
  }
}

void Program::require(const File& file, const Expression& call, const Expression& name,
                      bool is_guarded) {
  if (table(name.text) || is_library(name.text)) return;
  std::string tried;
  for (const auto& path : lua::files_of(name.text, sources_.path)) {
    const bool known =
        std::ranges::any_of(files_, [&](const File& one) { return one.path == path; });
    if (known) return;
    if (const std::string* const text = sources_.read(path)) return add(path, *text);
    tried += (tried.empty() ? "" : ", ") + path;
  }
  is_complete_ = false;
  const bool at_start = call.owner == &file.tree.bodies.front() && !is_guarded;
  const auto text =
      name.text == "ffi"
          ? "module 'ffi' is not available in routing scripts: it could end the server"
      : lua::is_module_name(name.text)
          ? lua::not_found(name.text, tried)
          : fmt::format("require: '{:.40}' is not the name of a module", name.text);
  findings_.push_back({file.path, call.at, true, at_start, text, at_start});
}

/// Reading `package` changes nothing, but its fields may be assigned.
void Program::look_for_dynamics() {
  for (const auto name : kDynamic) {
    const auto found = globals_.find(name);
    if (found != globals_.end()) is_dynamic_ = true;
  }
  for (auto& finding : findings_) finding.is_certain = finding.is_certain && !is_dynamic_;
}

}  // namespace opensips::routing::checks
