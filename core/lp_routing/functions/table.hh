#pragma once

#include <deque>
#include <span>
#include <string_view>
#include <vector>

#include "lp_routing/functions/function.hh"

namespace opensips::routing {

/// All functions that programs may call: the core's, and those of the loaded modules. Filled at
/// start, then only read; outlives the programs. Any thread.
class FunctionTable {
 public:
  FunctionTable();
  FunctionTable(FunctionTable&&) = default;

  /// The core's alone.
  static const FunctionTable& core();

  /// Adds a module's rows. `require` gives its functions by the name; `objects` name its other
  /// kinds of object. Names and rows have to live as long as the table.
  void add(std::string_view module, std::span<const Function> rows,
           std::span<const std::string_view> objects, modules::Module* owner);

  unsigned kinds() const { return static_cast<unsigned>(kinds_.size()); }
  std::string_view name(ObjectKind kind) const { return at(kind).name; }
  std::span<const Function> rows(ObjectKind kind) const { return at(kind).rows; }
  /// What tostring() does to such an object; nullptr if it has no row for that.
  const Function* text_row(ObjectKind kind) const { return at(kind).text; }
  /// What reading or assigning a name that no row has does; nullptr: it is an error.
  const Function* element_row(ObjectKind kind, bool assigns) const {
    return assigns ? at(kind).set_element : at(kind).element;
  }
  /// What a program finds by `require`: `sip`, and each module's own.
  bool is_table(ObjectKind kind) const { return at(kind).is_table; }

 private:
  struct Kind {
    std::string_view name;
    std::span<const Function> rows;
    bool is_table = false;
    const Function* text = nullptr;
    const Function* element = nullptr;
    const Function* set_element = nullptr;
  };

  const Kind& at(ObjectKind kind) const { return kinds_[static_cast<unsigned>(kind)]; }
  void add_kind(std::string_view name, std::span<const Function> rows, bool is_table);

  std::vector<Kind> kinds_;
  std::deque<std::vector<Function>> rows_;  // of modules, by kind
};

}  // namespace opensips::routing
