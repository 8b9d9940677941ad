// Calls of the server's functions, and of Lua's.

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "lp_routing/checks/checker.hh"
#include "lp_routing/checks/libraries.hh"
#include "lp_routing/functions/places.hh"
#include "lp_routing/functions/suggest.hh"

namespace opensips::routing::checks {
namespace {

using Kind = Expression::Kind;
using Known = Type::Kind;

bool is_literal(const Expression& expression) {
  constexpr std::array kLiterals{Kind::nil,    Kind::boolean,  Kind::number,
                                 Kind::string, Kind::function, Kind::table};
  return std::ranges::find(kLiterals, expression.kind) != kLiterals.end();
}

/// What takes nil as well as anything else says so by its type.
bool takes_nil(const ArgumentType& type) {
  return type.optional || type.rest || type.type == "any";
}

/// How many arguments there have to be.
std::size_t least_arguments(const Function& row) {
  std::size_t least = row.types.size();
  while (least > 0 && takes_nil(row.types[least - 1])) --least;
  return least;
}

}  // namespace

void Checker::call(const Expression& call) {
  const Expression& callee = *call.parts[0];
  if (callee.is(Kind::index) && callee.parts[1]->is(Kind::string)) {
    call_of_field(callee, flow_.type_of(*callee.parts[0]), callee.parts[1]->text);
  }
  const Type type = flow_.type_of(callee);
  if (type.is(Known::builtin)) return call_of_builtin(call, type.name);
  if (!type.is(Known::row)) return;
  const Function& row = *type.row;
  const Expressions arguments(call.parts.begin() + 1, call.parts.end());
  if (row.kind == Function::Kind::function) return call_of_row(call, row, arguments, type.is_guess);
  // A method called like a function: its object is the first argument.
  const bool has_object = !arguments.empty() && !is_literal(*arguments[0]);
  if (!has_object) {
    if (type.is_guess) return;
    return error(call, fmt::format("{}: call it with a colon: {}:{}(…)", row.full_name(),
                                   row.object_name(), row.name));
  }
  if (!arguments[0]->gives_many()) call_of_row(call, row, arguments.subspan(1), type.is_guess);
}

/// A field that is no function.
void Checker::call_of_field(const Expression& at, const Type& object, std::string_view name) {
  const Function* const row = find_row(object, name);
  if (!row || row->kind != Function::Kind::getter || object.is_guess) return;
  error(at, fmt::format("{} is no function, but a {}", row->full_name(), row->result));
}

void Checker::method(const Expression& call) {
  const Type object = flow_.type_of(*call.parts[0]);
  if (object.is(Known::library)) {
    return call_of_builtin(call, fmt::format("{}.{}", object.name, call.text));
  }
  if (!object.is(Known::object)) return;
  const auto& functions = program_.functions();
  const Function* const row = find_row(object, call.text);
  if (!row) {
    const std::string inner = fmt::format("{}.{}", functions.name(object.object), call.text);
    const bool is_table = functions.is_table(object.object) && program_.table(inner);
    if (is_table || functions.element_row(object.object, false)) return;
    return unknown_field(call, object, call.text);
  }
  if (row->kind == Function::Kind::getter) return call_of_field(call, object, call.text);
  const Expressions arguments(call.parts.begin() + 1, call.parts.end());
  const bool is_unchanged = flow_.field(object, call.text).is(Known::row);
  if (!is_unchanged) return;
  if (row->kind == Function::Kind::method) {
    return call_of_row(call, *row, arguments, object.is_guess);
  }
  // The table becomes the first argument.
  const bool takes_any = !row->types.empty() && row->types[0].type == "any";
  error(call,
        fmt::format("{}: call it with a dot: {}.{}(…)", row->full_name(), row->object_name(),
                    row->name),
        takes_any ? Sure::likely : Sure::certain);
}

void Checker::call_of_builtin(const Expression& call, const std::string& name) {
  const auto dot = name.find('.');
  const std::string library = dot == std::string::npos ? "" : name.substr(0, dot);
  const std::string function = dot == std::string::npos ? name : name.substr(dot + 1);
  if (const auto refusal = refusal_of(library, function); !refusal.text.empty()) {
    if (!refusal.read) error(call, refusal.text);
    return;
  }
  if (!library.empty() && !has(library, function)) {
    return error(call, unknown_function(library, function));
  }
  if (name == "require") late_require(call);
  if (name != "collectgarbage" || call.parts.size() < 2) return;
  const Expression& what = *call.parts[1];
  if (!what.is(Kind::string) || what.text == "count") return;
  error(call,
        "collectgarbage: only \"count\" is available in routing scripts: the server collects");
}

/// Files are read at the top level only.
void Checker::late_require(const Expression& call) {
  const auto places = flow_.reach(*call.owner).places;
  if (places == 0 || (places & kTopLevel) || call.parts.size() < 2) return;
  const Expression& name = *call.parts[1];
  if (!name.is(Kind::string) || program_.table(name.text) || is_library(name.text)) return;
  error(call,
        fmt::format("require '{:.40}': files are read at the top level of the script only",
                    name.text),
        Sure::likely);
}

void Checker::call_of_row(const Expression& at, const Function& row, Expressions arguments,
                          bool is_guess) {
  if (is_guess) return;
  place(at, row);
  arity(at, row, arguments);
  options(row, arguments);
}

void Checker::place(const Expression& at, const Function& row) {
  const Reach reach = flow_.reach(*at.owner);
  if (reach.places == 0) return;
  if (row.waits && reach.is_apart) {
    return error(at, fmt::format("{} waits, which only the handler itself can do, not a coroutine "
                                 "that the script made",
                                 row.full_name()));
  }
  const auto forbidden = static_cast<Places>(reach.places & ~row.places);
  if (forbidden == 0) return;
  for (unsigned bit = 1; bit <= kTopLevel; bit <<= 1) {
    if (!(forbidden & bit)) continue;
    const auto where = where_is(static_cast<Places>(bit));
    const bool everywhere = forbidden == reach.places;
    return error(at,
                 fmt::format("{} cannot be used {}{}", row.full_name(), where,
                             everywhere ? "" : ", where this function runs too"),
                 everywhere ? Sure::certain : Sure::likely);
  }
}

void Checker::arity(const Expression& at, const Function& row, Expressions arguments) {
  const bool is_open = !arguments.empty() && arguments.back()->gives_many();
  const std::size_t most = row.types.size();
  const bool takes_rest = most > 0 && row.types.back().rest;
  const std::size_t sure = arguments.size() - (is_open ? 1 : 0);
  if (!takes_rest && sure > most) {
    return error(at, fmt::format("{}: takes {} argument{}, got {}{}", row.full_name(), most,
                                 most == 1 ? "" : "s", is_open ? "at least " : "", sure));
  }
  const std::size_t least = least_arguments(row);
  if (is_open || arguments.size() >= least) return;
  error(at,
        fmt::format("{}: argument {} ({}) is missing, expected {}", row.full_name(),
                    arguments.size() + 1, row.argument(arguments.size()),
                    row.types[arguments.size()].type),
        takes_nil(row.types[arguments.size()]) ? Sure::likely : Sure::certain);
}

/// Names in a table of options that stands in the call.
void Checker::options(const Function& row, Expressions arguments) {
  for (std::size_t i = 0; i < arguments.size() && i < row.types.size(); ++i) {
    const auto known = row.types[i].options;
    const Expression& table = *arguments[i];
    if (known.empty() || !table.is(Kind::table)) continue;
    for (std::size_t part = 0; part + 1 < table.parts.size(); part += 2) {
      const Expression* const key = table.parts[part];
      if (!key || !key->is(Kind::string)) continue;
      const bool is_known = std::ranges::find(known, key->text, &OptionText::name) != known.end();
      const Expression& value = *table.parts[part + 1];
      if (is_known || value.is(Kind::nil)) continue;
      std::vector<std::string_view> names;
      for (const OptionText& one : known) names.push_back(one.name);
      const auto meant = nearest(key->text, names);
      std::string text = fmt::format("{} has no option '{:.40}'", row.full_name(), key->text);
      text += meant.empty() ? fmt::format(", there are: {}", fmt::join(names, ", "))
                            : fmt::format(": did you mean '{}'?", meant);
      // Who assigns nil gives none.
      error(*key, std::move(text), is_literal(value) ? Sure::certain : Sure::likely);
    }
  }
}

}  // namespace opensips::routing::checks
