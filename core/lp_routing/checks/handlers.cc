// Functions of a script that the server calls.

#include <algorithm>

#include "lp_routing/checks/flow.hh"

namespace opensips::routing::checks {

bool takes_function(const ArgumentType& argument) {
  return argument.type == "function" || argument.type.ends_with("_handler");
}

const HandlerRow* handler_row(const Function& row) {
  using enum ObjectKind;
  static const HandlerRow kRows[] = {
      {sip, "on_request", Handler::request, {request}},
      {sip, "on_in_dialog", Handler::in_dialog, {request}},
      {sip, "on_dialog_request", Handler::dialog_request, {request}},
      {sip, "on_dialog", Handler::dialog, {dialog}},
      {sip, "on_startup", Handler::startup, {}},
      {sip, "on_branch", Handler::branch, {request}},
      {sip, "on_local_request", Handler::local_request, {request}},
      {sip, "on_response", Handler::response, {response, request}},
      {sip, "on_event", Handler::event, {}},
      {sip, "every", Handler::task, {}},
      {sip, "spawn", Handler::task, {}},
      {request, "on_branch", Handler::branch, {request}},
      {request, "on_response", Handler::response, {response, request}},
  };
  const auto* const found = std::ranges::find_if(kRows, [&](const HandlerRow& one) {
    return one.object == row.object && one.name == row.name;
  });
  return found == std::end(kRows) ? nullptr : found;
}

Callback Flow::callback_of(const Expression& call, const Type& callee) const {
  if (callee.is(Type::Kind::row)) return callback_of_row(call, *callee.row);
  if (callee.is(Type::Kind::builtin)) return callback_of_builtin(call, callee.name);
  return {};
}

Callback Flow::callback_of_row(const Expression& call, const Function& row) const {
  const HandlerRow* const handler = handler_row(row);
  if (!handler || row.kind != Function::Kind::function || call.is(Expression::Kind::method)) {
    return {};
  }
  const auto place =
      static_cast<std::size_t>(std::ranges::find_if(row.types, takes_function) - row.types.begin());
  if (place + 1 >= call.parts.size()) return {};
  Callback callback{call.parts[place + 1], place_of(handler->handler)};
  for (const auto kind : handler->parameters) callback.parameters.push_back(Type::of(kind));
  if (row.name == "spawn") callback.arguments = place + 2;
  // What else they are given is data.
  while (callback.arguments == 0 && callback.parameters.size() < 2) {
    callback.parameters.push_back(Type::unknown());
  }
  return callback;
}

Callback Flow::callback_of_builtin(const Expression& call, const std::string& name) const {
  struct Row {
    std::string_view name;
    std::size_t place;      // of the function, among the call's parts
    std::size_t arguments;  // Callback::arguments
    bool is_guarded, is_apart;
  };
  constexpr Row kRows[] = {
      {"pcall", 1, 2, true, false},           {"xpcall", 1, 3, true, false},
      {"table.sort", 2, 0, false, false},     {"table.foreach", 2, 0, false, false},
      {"table.foreachi", 2, 0, false, false}, {"string.gsub", 3, 0, false, false},
      {"coroutine.create", 1, 0, true, true}, {"coroutine.wrap", 1, 0, false, true}};
  const auto* const row = std::ranges::find(kRows, name, &Row::name);
  if (row == std::end(kRows) || row->place >= call.parts.size()) return {};
  Callback callback{call.parts[row->place]};
  if (row->arguments == 0) callback.parameters.assign(16, Type::unknown());
  callback.arguments = row->arguments;
  callback.is_guarded = row->is_guarded;
  callback.is_apart = row->is_apart;
  return callback;
}

}  // namespace opensips::routing::checks
