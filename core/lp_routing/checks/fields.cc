// What is read of objects and tables, and assigned to them.

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "lp_routing/checks/checker.hh"
#include "lp_routing/checks/libraries.hh"
#include "lp_routing/functions/suggest.hh"

namespace opensips::routing::checks {
namespace {

using Kind = Expression::Kind;
using Known = Type::Kind;

}  // namespace

void Checker::index(const Expression& index) {
  const Expression& key = *index.parts[1];
  if (!key.is(Kind::string)) return;
  const Type object = flow_.type_of(*index.parts[0]);
  if (object.is(Known::library)) {
    const auto refusal = refusal_of(object.name, key.text);
    if (refusal.read && !targets_.contains(&index)) error(index, refusal.text);
    return;
  }
  if (!object.is(Known::object)) return;
  if (targets_.contains(&index)) return assigned_field(index, object);
  const auto& functions = program_.functions();
  if (find_row(object, key.text) || functions.element_row(object.object, false)) return;
  const std::string inner = fmt::format("{}.{}", functions.name(object.object), key.text);
  if (functions.is_table(object.object) && program_.table(inner)) return;
  unknown_field(index, object, key.text);
}

void Checker::unknown_field(const Expression& at, const Type& object, std::string_view name) {
  std::string text = routing::unknown_field(program_.functions(), object.object, name);
  if (!object.is_guess) return error(at, std::move(text));
  // What a parameter is called is little to go by: only what looks like a slip of the pen.
  if (text.ends_with('?')) error(at, std::move(text), Sure::likely);
}

void Checker::assigned_field(const Expression& target, const Type& object) {
  const auto& functions = program_.functions();
  const std::string& name = target.parts[1]->text;
  if (object.is_guess) return;
  if (functions.is_table(object.object)) {
    if (!find_row(object, name)) unknown_field(target, object, name);
    return;
  }
  if (functions.element_row(object.object, true)) return;
  for (const Function& row : functions.rows(object.object)) {
    if (row.kind != Function::Kind::setter || row.name != name) continue;
    return place(target, row);
  }
  error(target, unassignable_field(functions, object.object, name));
}

}  // namespace opensips::routing::checks
