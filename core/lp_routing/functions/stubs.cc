#include <algorithm>
#include <ostream>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "lp_routing/functions/manual.hh"
#include "lp_routing/functions/table.hh"

namespace opensips::routing {
namespace {

using Kind = Function::Kind;

constexpr std::string_view kStubsHead = R"(---@meta sip
-- Made from the server's table of functions by `make generate`. For editors; the server does not read it.
-- long file: as long as the table.

---@alias dialog_handler fun(dialog: dialog, event: string)
---@alias response_handler fun(res: response, req: request)
---@alias event_handler fun(event: table, name: string)
---@alias duration number|string Seconds, or text with a unit: "500ms", "20s", "4h"
---@alias http_answer {status: integer, headers: table<string, string>, body: string}
---@alias target string|uri|{uri: string, flow?: string, next_hop?: string, socket?: string, no_connect?: boolean, q?: number}
)";

/// As the language server writes it.
std::string type_of(const ArgumentType& argument) {
  if (argument.options.empty()) {
    return argument.type == "function" ? "fun(req: request)" : std::string(argument.type);
  }
  std::string text = "{";
  for (const OptionText& option : argument.options) {
    if (text.size() > 1) text += ", ";
    text += fmt::format("{}?: {}", option.name, option.type);
  }
  return text + "}";
}

/// What the field gives, and what else it may be assigned.
std::string field_type(const Function& getter, std::span<const Function> rows) {
  std::string type(getter.result);
  for (const Function& other : rows) {
    const bool assigns =
        other.kind == Kind::setter && other.object == getter.object && other.name == getter.name;
    if (assigns && !type.starts_with(other.types[0].type))
      type.append("|").append(other.types[0].type);
  }
  return type;
}

void write_class(std::ostream& out, std::string_view name, std::span<const Function> rows) {
  out << fmt::format("\n---@class {}\n", name);
  for (const Function& function : rows) {
    if (function.kind == Kind::element) {
      out << fmt::format("---@field [string] {} {}\n", function.result, function.doc);
    }
    if (function.kind != Kind::getter) continue;
    out << fmt::format("---@field {} {} {}\n", function.name, field_type(function, rows),
                       function.doc);
  }
  for (const Function& function : rows) {  // what can only be assigned
    const bool is_read = std::ranges::any_of(rows, [&](const Function& other) {
      return other.kind == Kind::getter && other.name == function.name;
    });
    if (function.kind != Kind::setter || is_read) continue;
    out << fmt::format("---@field {} {} {}\n", function.name, type_of(function.types[0]),
                       function.doc);
  }
  const bool is_field = name.find('.') != std::string_view::npos;  // of a table before it
  out << fmt::format("{}{} = {{}}\n", is_field ? "" : "local ", name);
}

void write_results(std::ostream& out, const Function& function) {
  if (function.result.empty()) return;
  std::string_view result = function.result;
  const bool fails = result.ends_with(", err");
  if (fails) result.remove_suffix(5);
  const bool nullable = fails && !result.ends_with('?') && result != "nil";
  out << fmt::format("---@return {}{}\n", result, nullable ? "?" : "");
  if (fails) out << "---@return string? err\n";
}

void write_function(std::ostream& out, const Function& function) {
  out << fmt::format("\n---{}{}\n", function.doc, function.waits ? " Waits." : "");
  std::string names;
  for (std::size_t i = 0; i < function.types.size(); ++i) {
    const ArgumentType& type = function.types[i];
    const std::string name = type.rest ? "..." : std::string(function.argument(i));
    out << fmt::format("---@param {}{} {}\n", name, type.optional && !type.rest ? "?" : "",
                       type_of(type));
    names += names.empty() ? name : ", " + name;
  }
  write_results(out, function);
  out << fmt::format("function {}{}{}({}) end\n", function.object_name(),
                     function.kind == Kind::method ? ":" : ".", function.name, names);
}

}  // namespace

void write_stub_object(std::ostream& out, std::string_view name, std::span<const Function> rows) {
  write_class(out, name, rows);
  for (const Function& function : rows) {
    if (function.kind == Kind::method || function.kind == Kind::function)
      write_function(out, function);
  }
}

void write_stubs(std::ostream& out) {
  out << kStubsHead;
  const auto& table = FunctionTable::core();
  for (unsigned number = 0; number < table.kinds(); ++number) {
    const auto kind = static_cast<ObjectKind>(number);
    write_stub_object(out, table.name(kind), table.rows(kind));
  }
  out << "\nreturn sip\n";
}

}  // namespace opensips::routing
