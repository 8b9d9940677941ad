#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lp_routing/checks/flow.hh"
#include "lp_routing/checks/program.hh"

namespace opensips::routing::checks {

/// Goes through all expressions of a program once, and says what is wrong with each.
class Checker {
 public:
  explicit Checker(const Program& program) : program_(program), flow_(program) {}

  std::vector<Finding> run();

 private:
  using Expressions = std::span<Expression* const>;

  void look_at(const File& file);
  void note_targets(const File& file);
  void note_doubts(const File& file);
  bool asks(const Expression& condition) const;

  // names
  void name(const Expression& name);
  void assignment(const Expression& target);

  // fields
  void index(const Expression& index);
  void assigned_field(const Expression& target, const Type& object);
  void unknown_field(const Expression& at, const Type& object, std::string_view name);

  // calls
  void call(const Expression& call);
  void method(const Expression& call);
  void call_of_field(const Expression& at, const Type& object, std::string_view name);
  void call_of_builtin(const Expression& call, const std::string& name);
  void late_require(const Expression& call);
  void call_of_row(const Expression& at, const Function& row, Expressions arguments, bool is_guess);
  void place(const Expression& at, const Function& row);
  void arity(const Expression& at, const Function& row, Expressions arguments);
  void options(const Function& row, Expressions arguments);

  enum class Sure : std::uint8_t { certain, likely };
  void error(const Expression& at, std::string text, Sure sure = Sure::certain);
  void warning(const Expression& at, std::string text);
  /// Whether what stands there ends a handler, if it is an error.
  bool ends_a_handler(const Expression& at) const;
  const Function* find_row(const Type& object, std::string_view name) const;

  const Program& program_;
  const Flow flow_;
  const File* file_ = nullptr;
  std::set<const Expression*> targets_;  // what is assigned, in this file
  std::set<const Expression*> used_;     // names that are called or indexed
  struct Range {
    Position begin, end;
  };
  std::vector<Range> doubts_;   // what runs only where a condition finds what it needs
  std::set<std::string> told_;  // globals
  std::vector<Finding> findings_;
};

}  // namespace opensips::routing::checks
