#include "lp_routing/checks/flow.hh"

#include <algorithm>
#include <utility>

namespace opensips::routing::checks {
namespace {

using Kind = Expression::Kind;
using Known = Type::Kind;

/// What is known grows with each round; where it does not end soon, nothing is claimed.
constexpr int kMaxRounds = 200;

}  // namespace

Type join(const Type& a, const Type& b) {
  if (a.is(Known::none)) return b;
  if (b.is(Known::none) || a == b) return a;
  Type sure = a;
  sure.is_guess = b.is_guess;
  if (sure == b) {
    sure.is_guess = true;
    return sure;
  }
  return Type::unknown();
}

Flow::Flow(const Program& program) : program_(program) {
  int rounds = 0;
  do {
    changed_ = false;
    round();
  } while (changed_ && ++rounds < kMaxRounds);
  gave_up_ = changed_;
  if (gave_up_) return;
  guess_parameters();
  spread();
}

void Flow::round() {
  edges_.clear();
  for (const File& file : program_.files()) {
    seen(file.tree.bodies.front()).roots = kTopLevel;
    for (const Statement& one : file.tree.statements) follow(one);
    for (const Expression& one : file.tree.expressions) follow(one);
    for (const Body& body : file.tree.bodies) {
      const auto& now = seen(body);
      if (!now.is_kept && !now.is_given) continue;
      for (const Variable* const one : body.parameters) take(*one, Type::unknown());
    }
  }
}

void Flow::mark(bool& flag) {
  changed_ = changed_ || !flag;
  flag = true;
}

void Flow::take(Type& known, const Type& type) {
  Type now = join(known, type);
  if (now == known) return;
  known = std::move(now);
  changed_ = true;
}

/// A function is followed as long as the variable can be no other.
void Flow::take(const Variable& variable, const Type& type) {
  Type& known = variables_[&variable];
  const bool is_open = variable.is_global && program_.is_dynamic();
  take(known, is_open ? Type::unknown() : type);
  if (!(known == type)) lose(type, true);
}

void Flow::lose(const Type& type, bool is_kept) {
  if (type.is(Known::body)) {
    auto& now = seen(*type.body);
    mark(is_kept ? now.is_kept : now.is_given);
  } else if (type.is(Known::library)) {
    changed_ = changed_libraries_.insert(type.name).second || changed_;
  } else if (type.is(Known::object) && program_.functions().is_table(type.object)) {
    changed_ = changed_tables_.insert(type.object).second || changed_;
  }
}

void Flow::lose(const Expression& value, bool is_kept) {
  if (value.is(Kind::group)) return lose(*value.parts[0], is_kept);
  if (value.is_operator("or") || value.is_operator("and")) {
    for (const Expression* const part : value.parts) lose(*part, is_kept);
  }
  lose(type_of(value), is_kept);
}

void Flow::follow(const Statement& statement) {
  using Is = Statement::Kind;
  if (statement.kind == Is::local) {
    for (std::size_t i = 0; i < statement.variables.size(); ++i) {
      take(*statement.variables[i], value_of(statement.values, i));
    }
  } else if (statement.kind == Is::assign) {
    for (std::size_t i = 0; i < statement.targets.size(); ++i) {
      assign(*statement.targets[i], statement, i);
    }
  } else if (statement.kind == Is::count || statement.kind == Is::each) {
    for (const Variable* const one : statement.variables) take(*one, Type::unknown());
    for (const Expression* const value : statement.values) lose(*value, false);
  } else if (statement.kind == Is::leave) {
    auto& results = seen(*statement.owner).results;
    for (std::size_t i = 0; i < kResults; ++i) take(results[i], value_of(statement.values, i));
    for (const Expression* const value : statement.values) lose(*value, true);
  }
  // An operand that a value is made of may be the value.
  if (statement.kind != Is::local && statement.kind != Is::assign) return;
  for (const Expression* const value : statement.values) {
    if (value->is(Kind::operation) || value->is(Kind::group)) {
      if (!type_of(*value).is(Known::body)) lose(*value, true);
    }
  }
}

void Flow::assign(const Expression& target, const Statement& statement, std::size_t index) {
  const Type value = value_of(statement.values, index);
  if (target.is(Kind::name)) return take(*target.variable, value);
  const Type object = type_of(*target.parts[0]);
  if (object.is(Known::none)) return;  // in a later round
  if (object.is(Known::library) ||
      (object.is(Known::object) && program_.functions().is_table(object.object))) {
    lose(object, true);
  }
  const Expression& key = *target.parts[1];
  if (object.is(Known::object) && key.is(Kind::string) && index < statement.values.size()) {
    for (const Function& row : program_.functions().rows(object.object)) {
      if (row.kind != Function::Kind::setter || row.name != key.text) continue;
      const HandlerRow* const handler = handler_row(row);
      if (!handler) break;
      Callback callback{statement.values[index], place_of(handler->handler)};
      for (const auto kind : handler->parameters) callback.parameters.push_back(Type::of(kind));
      if (enter_callback(target, callback)) return;
    }
  }
  lose(value, true);
}

void Flow::follow(const Expression& expression) {
  if (expression.is(Kind::call) || expression.is(Kind::method)) return follow_call(expression);
  if (!expression.is(Kind::table)) return;
  for (const Expression* const part : expression.parts) {
    if (part) lose(*part, true);
  }
}

void Flow::follow_call(const Expression& call) {
  const Type callee =
      call.is(Kind::call) ? type_of(*call.parts[0]) : field(type_of(*call.parts[0]), call.text);
  if (callee.is(Known::body)) {
    return enter(call, *callee.body, 1, {call.owner, callee.body, false, false});
  }
  if (callee.is(Known::none)) return;  // in a later round
  const Callback callback = callback_of(call, callee);
  const bool followed = callback.function && enter_callback(call, callback);
  // What a function that is followed calls need not be known, either.
  const bool catches = callee.is_builtin("pcall") || callee.is_builtin("xpcall") ||
                       callee.is_builtin("coroutine.create");
  if (catches) protects_unknown_ = true;
  const bool is_reader = callee.is_builtin("pairs") || callee.is_builtin("ipairs") ||
                         callee.is_builtin("type") || callee.is_builtin("tostring");
  for (std::size_t i = 1; i < call.parts.size() && !is_reader; ++i) {
    if (followed && call.parts[i] == callback.function) continue;
    // What is passed on to a function that is followed has been followed with it.
    if (followed && callback.arguments != 0 && i >= callback.arguments) continue;
    lose(*call.parts[i], false);
  }
  if (callee.is(Known::unknown)) lose(*call.parts[0], false);
}

/// The function that the call hands over will be called by others; false: which it is, nobody
/// knows.
bool Flow::enter_callback(const Expression& call, const Callback& callback) {
  const Type type = type_of(*callback.function);
  if (type.is(Known::none)) return true;  // in a later round
  if (!type.is(Known::body)) return false;
  const auto& parameters = type.body->parameters;
  for (std::size_t i = 0; i < callback.parameters.size() && i < parameters.size(); ++i) {
    take(*parameters[i], callback.parameters[i]);
  }
  if (callback.places != 0) {
    Places& roots = seen(*type.body).roots;
    const auto more = static_cast<Places>(roots | callback.places);
    changed_ = changed_ || more != roots;
    roots = more;
    if (callback.arguments == 0) return true;
  }
  const Edge edge{callback.places == 0 ? call.owner : nullptr, type.body, callback.is_guarded,
                  callback.is_apart};
  enter(call, *type.body, callback.arguments == 0 ? call.parts.size() : callback.arguments, edge);
  return true;
}

/// The function is called with the call's parts from `first` on.
void Flow::enter(const Expression& call, const Body& body, std::size_t first, const Edge& edge) {
  if (edge.from) edges_.push_back(edge);
  for (std::size_t i = 0; i + first < call.parts.size(); ++i) {
    const Expression& argument = *call.parts[i + first];
    const bool is_last = i + first + 1 == call.parts.size();
    if (i >= body.parameters.size()) {
      lose(argument, false);
      continue;
    }
    const Type type = type_of(argument);
    take(*body.parameters[i], type);
    if (argument.is(Kind::operation) || argument.is(Kind::group)) lose(argument, false);
    if (!is_last || !argument.gives_many()) continue;
    for (++i; i < body.parameters.size(); ++i) take(*body.parameters[i], Type::unknown());
  }
}

/// A parameter of a function that is called by who knows whom, if its name says what it is.
void Flow::guess_parameters() {
  struct Name {
    std::string_view name;
    ObjectKind kind;
  };
  constexpr Name kNames[] = {{"req", ObjectKind::request},
                             {"request", ObjectKind::request},
                             {"res", ObjectKind::response},
                             {"response", ObjectKind::response}};
  for (const File& file : program_.files()) {
    for (const Body& body : file.tree.bodies) {
      if (!seen(body).is_kept) continue;
      for (const Variable* const one : body.parameters) {
        const auto* const name = std::ranges::find(kNames, one->name, &Name::name);
        if (name == std::end(kNames)) continue;
        Type guess = Type::of(name->kind);
        guess.is_guess = true;
        variables_[one] = guess;
      }
    }
  }
}

/// Places and certainty, from each function to those that it calls.
void Flow::spread() {
  for (auto& [body, now] : bodies_) {
    auto& reach = reaches_[body];
    reach.is_open = now.is_kept || now.is_given;
    reach.places = now.roots;
    reach.is_sure = now.roots != 0 || (now.is_kept && !now.is_given && !protects_unknown_);
    reach.is_apart = now.roots == 0 && !reach.is_open;
  }
  bool changed = true;
  while (changed) {
    changed = false;
    for (const Edge& edge : edges_) {
      const Reach& from = reaches_[edge.from];
      Reach& to = reaches_[edge.to];
      const Reach more{static_cast<Places>(to.places | from.places),
                       to.is_sure || (from.is_sure && !edge.is_guarded),
                       to.is_apart && (edge.is_apart || from.is_apart), to.is_open || from.is_open};
      if (more == to) continue;
      to = more;
      changed = true;
    }
  }
  for (auto& [body, reach] : reaches_) {
    if (reach.is_open) reach.places = 0;
    reach.is_apart = reach.is_apart && reach.places != 0;
  }
}

Reach Flow::reach(const Body& body) const {
  const auto found = reaches_.find(&body);
  return found == reaches_.end() ? Reach{} : found->second;
}

}  // namespace opensips::routing::checks
