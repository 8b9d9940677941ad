#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lp_routing/checks/syntax.hh"

namespace opensips::routing::checks {

/// What names mean where the parser is.
class Scopes {
 public:
  Scopes(Tree& tree, Globals& globals) : tree_(tree), globals_(globals) {}

  /// A local, or a parameter, that is not to be seen yet.
  Variable* make(std::string name, Position at) {
    return &tree_.variables.emplace_back(std::move(name), at);
  }
  void show(Variable* variable) { seen_.push_back(variable); }

  std::size_t open() const { return seen_.size(); }
  void close(std::size_t opened) { seen_.resize(opened); }

  /// The innermost local of that name, or the global.
  Variable* find(std::string_view name) {
    for (auto one = seen_.rbegin(); one != seen_.rend(); ++one) {
      if ((*one)->name == name) return *one;
    }
    const auto known = globals_.find(name);
    if (known != globals_.end()) return &known->second;
    Variable global{std::string(name), {}, true};
    return &globals_.emplace(std::string(name), std::move(global)).first->second;
  }

 private:
  Tree& tree_;
  Globals& globals_;
  std::vector<Variable*> seen_;
};

}  // namespace opensips::routing::checks
