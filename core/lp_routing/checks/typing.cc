// What an expression's value is, as far as is known.

#include <algorithm>

#include "lp_routing/checks/flow.hh"
#include "lp_routing/checks/libraries.hh"

namespace opensips::routing::checks {
namespace {

using Kind = Expression::Kind;
using Known = Type::Kind;

Type builtin(std::string name) {
  return {.kind = Known::builtin, .name = std::move(name)};
}

/// Of "dialog?" and "response, err": the first word.
std::string_view first_result(std::string_view result) {
  if (result.ends_with(", err")) result.remove_suffix(5);
  if (result.ends_with('?')) result.remove_suffix(1);
  return result;
}

}  // namespace

/// Of values that stand in a row: the last one may be several.
Type Flow::value_of(const std::vector<Expression*>& values, std::size_t index) const {
  if (values.empty()) return {};
  const std::size_t last = values.size() - 1;
  if (index < last) return type_of(*values[index]);
  if (index == last || values[last]->gives_many()) return type_of(*values[last], index - last);
  return {};
}

Type Flow::type_of(const Expression& expression, std::size_t result) const {
  if (gave_up_) return Type::unknown();
  if (result > 0 && !expression.gives_many()) return {};
  switch (expression.kind) {
    case Kind::nil: return {};
    case Kind::boolean: return expression.text == "false" ? Type{} : Type::unknown();
    case Kind::name: return type_of(*expression.variable);
    case Kind::function: return {.kind = Known::body, .body = expression.body};
    case Kind::index: return type_of_index(expression);
    case Kind::call:
    case Kind::method: return type_of_call(expression, result);
    case Kind::operation: return type_of_operation(expression);
    case Kind::group: return type_of(*expression.parts[0]);
    default: return Type::unknown();
  }
}

Type Flow::type_of(const Variable& variable) const {
  if (!variable.is_global || variable.is_assigned) {
    // A global that Lua has, and that is changed at some time: it may be either.
    if (variable.is_global && is_global(variable.name)) return Type::unknown();
    const auto found = variables_.find(&variable);
    return found == variables_.end() ? Type{} : found->second;
  }
  if (variable.name == "sip") return Type::of(ObjectKind::sip);
  if (is_library(variable.name)) return {.kind = Known::library, .name = variable.name};
  return is_global(variable.name) ? builtin(variable.name) : Type::unknown();
}

Type Flow::type_of_index(const Expression& index) const {
  const Expression& key = *index.parts[1];
  const Type object = type_of(*index.parts[0]);
  if (object.is(Known::none)) return {};
  return key.is(Kind::string) ? field(object, key.text) : Type::unknown();
}

/// A getter's value; of what is called, the row.
Type Flow::field(const Type& object, std::string_view name) const {
  if (object.is(Known::none)) return {};
  if (object.is(Known::library)) {
    if (is_changed(object.name)) return Type::unknown();
    return builtin(object.name + "." + std::string(name));
  }
  if (!object.is(Known::object)) return Type::unknown();
  const auto& functions = program_.functions();
  if (functions.is_table(object.object)) {
    if (changed_tables_.contains(object.object)) return Type::unknown();
    std::string inner(functions.name(object.object));
    inner.append(".").append(name);
    if (const auto* const table = program_.table(inner)) return Type::of(*table);
  }
  for (const Function& row : functions.rows(object.object)) {
    if (row.name != name) continue;
    Type type = Type::unknown();
    if (row.kind == Function::Kind::getter) type = result_of(row);
    if (row.kind == Function::Kind::method || row.kind == Function::Kind::function) {
      type = {.kind = Known::row, .row = &row};
    }
    type.is_guess = object.is_guess && !type.is(Known::unknown);
    return type;
  }
  return Type::unknown();
}

Type Flow::result_of(const Function& row) const {
  const auto name = first_result(row.result);
  const auto& functions = program_.functions();
  // Of a module's row: what the module brings goes before what others call so.
  const bool is_core = !row.owner.module;
  const unsigned first = is_core ? 0 : static_cast<unsigned>(row.owner.table) + 1;
  for (unsigned number = first; number < functions.kinds(); ++number) {
    const auto kind = static_cast<ObjectKind>(number);
    if (functions.is_table(kind) && number >= kCoreKinds) break;
    if (!functions.is_table(kind) && functions.name(kind) == name) return Type::of(kind);
  }
  for (unsigned number = 0; !is_core && number < kCoreKinds; ++number) {
    const auto kind = static_cast<ObjectKind>(number);
    if (!functions.is_table(kind) && functions.name(kind) == name) return Type::of(kind);
  }
  return Type::unknown();
}

Type Flow::type_of_call(const Expression& call, std::size_t result) const {
  const bool is_method = call.is(Kind::method);
  const Type callee =
      is_method ? field(type_of(*call.parts[0]), call.text) : type_of(*call.parts[0]);
  if (callee.is(Known::none)) return {};
  if (callee.is(Known::body)) {
    const auto found = bodies_.find(callee.body);
    if (result >= kResults) return Type::unknown();
    return found == bodies_.end() ? Type{} : found->second.results[result];
  }
  if (callee.is(Known::row) && result == 0) {
    Type type = result_of(*callee.row);
    type.is_guess = callee.is_guess && !type.is(Known::unknown);
    return type;
  }
  const bool is_require = callee.is_builtin("require") && result == 0 && call.parts.size() == 2;
  if (!is_require || !call.parts[1]->is(Kind::string)) return Type::unknown();
  const std::string& name = call.parts[1]->text;
  if (const auto* const table = program_.table(name)) return Type::of(*table);
  if (is_library(name) && name != "io" && name != "jit") {
    return {.kind = Known::library, .name = name};
  }
  return Type::unknown();
}

Type Flow::type_of_operation(const Expression& operation) const {
  if (operation.text == "and") return type_of(*operation.parts.back());
  if (operation.text != "or") return Type::unknown();
  Type type;
  for (const Expression* const part : operation.parts) type = join(type, type_of(*part));
  return type;
}

}  // namespace opensips::routing::checks
