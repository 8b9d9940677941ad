#include "lp_routing/functions/printed.hh"

#include <fmt/format.h>

#include "lp_routing/functions/program.hh"
#include "lp_routing/functions/table.hh"

namespace opensips::routing {
namespace {

struct Printer {
  const Call& call;

  std::string operator()(std::monostate) const { return "nil"; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const { return fmt::format("{:.14g}", value); }
  std::string operator()(std::string_view value) const { return std::string(value); }
  std::string operator()(const std::string& value) const { return value; }
  std::string operator()(const Value::List& list) const {
    std::string text = "{";
    for (const Value& value : list) {
      if (text.size() > 1) text += ", ";
      text += printed(call, value);
    }
    return text + "}";
  }
  std::string operator()(const Value::Map& map) const {
    std::string text = "{";
    for (const auto& [name, value] : map) {
      if (text.size() > 1) text += ", ";
      text.append(name).append(" = ").append(printed(call, value));
    }
    return text + "}";
  }
  std::string operator()(const Problem& problem) const { return problem.text; }
  std::string operator()(const Misuse& misuse) const { return misuse.text; }
  std::string operator()(const Object& object) const {
    if (object.run && (!call.run || call.run->id != object.run)) {
      return fmt::format("{} (ended)", call.program.functions().name(object.kind));
    }
    return printed(call, text_of(call, object));
  }
  std::string operator()(const Value::Response&) const { return "response"; }
  std::string operator()(Value::Wait) const { return "wait"; }
  std::string operator()(Value::End) const { return "end"; }
  std::string operator()(Value::RunTable) const { return "table"; }
  std::string operator()(Value::Callback) const { return "function"; }
};

}  // namespace

std::string printed(const Call& call, const Value& value) {
  return std::visit(Printer{call}, value.any);
}

Value text_of(const Call& call, const Object& object) {
  const FunctionTable& functions = call.program.functions();
  const Function* const row = functions.text_row(object.kind);
  if (!row) return functions.name(object.kind);
  Call inner{*row, call.program, call.services, call.run, object};
  return row->thunk(inner, {});
}

}  // namespace opensips::routing
