#include <ostream>
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "config/schema.hh"
#include "lp_routing/functions/manual.hh"
#include "lp_routing/functions/table.hh"
#include "module/module.hh"

namespace opensips::routing {
namespace {

/// The module's rows alone, with the names of its objects.
FunctionTable table_of(const modules::Descriptor& descriptor, modules::Module& module) {
  FunctionTable table;
  table.add(descriptor.name, {descriptor.functions.first, descriptor.functions.count},
            descriptor.objects, &module);
  return table;
}

template <class Visit>
void for_own_kinds(const FunctionTable& table, const Visit& visit) {
  for (unsigned number = kCoreKinds; number < table.kinds(); ++number) {
    visit(static_cast<ObjectKind>(number));
  }
}

std::string_view type_of(const modules::Parameter& parameter) {
  switch (parameter.type) {
    case config::Type::integer: return "integer";
    case config::Type::boolean: return "boolean";
    case config::Type::duration: return "duration";
    case config::Type::path: return "path";
    case config::Type::choice: return "choice";
    default: return "string";
  }
}

void write_head(std::ostream& out, const modules::Descriptor& descriptor) {
  std::string title = fmt::format("OPENSIPS-MODULE-{}", descriptor.name);
  for (char& c : title) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  std::string doc(descriptor.doc);
  if (doc.ends_with('.')) doc.pop_back();
  out << ".\\\" Made from the module's own tables by `make generate`.\n"
      << fmt::format(".TH {} 7 \"\" \"OpenSIPS 2.0\" \"Modules\"\n", title)
      << fmt::format(".SH NAME\nopensips\\-module\\-{} \\- {}\n", troff_text(descriptor.name),
                     troff_text(doc))
      << fmt::format(".SH SYNOPSIS\n.nf\nloadmodule \"{}.so\"\n.fi\n", troff_text(descriptor.name));
  if (descriptor.needs.empty()) return;
  out << ".SH NEEDS\n" << troff_text(fmt::format("{}\n", fmt::join(descriptor.needs, ", ")));
}

void write_parameters(std::ostream& out, std::span<const modules::Parameter> parameters) {
  if (parameters.empty()) return;
  out << ".SH PARAMETERS\nThese are set with modparam.\n";
  for (const auto& parameter : parameters) {
    out << fmt::format(".TP\n.BR {} \" ({})\"\n{}\n", troff_text(parameter.name),
                       type_of(parameter), troff_text(parameter.doc));
    if (parameter.type == config::Type::integer || parameter.type == config::Type::duration)
      out << troff_text(fmt::format("Takes {}.\n", config::expectation(parameter)));
    if (parameter.is_list()) {
      out << "May be given several times.\n";
    } else {
      out << troff_text(fmt::format("Default: {}.\n", config::default_text(parameter)));
    }
  }
}

void write_functions(std::ostream& out, const FunctionTable& table) {
  for_own_kinds(table, [&](ObjectKind kind) {
    if (table.rows(kind).empty()) return;
    const auto name = troff_text(table.name(kind));
    out << (table.is_table(kind) ? fmt::format(".SH FUNCTIONS\nrequire \"{}\" gives these.\n", name)
                                 : fmt::format(".SS {}\n", name));
    for (const Function& function : table.rows(kind)) write_manual_entry(out, function);
  });
}

void write_commands(std::ostream& out, std::span<const manage::Command> commands) {
  if (commands.empty()) return;
  out << ".SH COMMANDS\n";
  for (const auto& command : commands) {
    std::string line = command.name;
    for (const auto& parameter : command.parameters)
      line += parameter.optional ? fmt::format(" [{}]", parameter.name) : " " + parameter.name;
    out << fmt::format(".TP\n.B {}\n{}\n", troff_text(line), troff_text(command.doc));
    for (const auto& parameter : command.parameters) {
      out << fmt::format(".br\n\\ \\ \\fI{}\\fR: {}\n", troff_text(parameter.name),
                         troff_text(parameter.doc));
    }
    if (!command.old_name.empty())
      out << ".br\nAlso called " << troff_text(command.old_name) << ".\n";
  }
}

void write_statistics(std::ostream& out, std::string_view module,
                      std::span<const modules::Statistic> statistics) {
  if (statistics.empty()) return;
  out << ".SH STATISTICS\n";
  for (const auto& statistic : statistics) {
    out << fmt::format(".TP\n.B {}\n{}\n", troff_text(fmt::format("{}:{}", module, statistic.name)),
                       troff_text(statistic.doc));
  }
}

}  // namespace

void write_module_manual(std::ostream& out, const modules::Descriptor& descriptor,
                         modules::Module& module) {
  write_head(out, descriptor);
  write_parameters(out, module.parameters());
  write_functions(out, table_of(descriptor, module));
  write_commands(out, module.commands());
  if (!descriptor.events.empty()) out << ".SH EVENTS\n";
  write_events(out, descriptor.events);
  write_statistics(out, descriptor.name, module.statistics());
  out << ".SH SEE ALSO\n.BR opensips.cfg (5),\n.BR opensips\\-lua (7)\n";
}

void write_module_stubs(std::ostream& out, const modules::Descriptor& descriptor,
                        modules::Module& module) {
  const auto table = table_of(descriptor, module);
  out << fmt::format(
      "---@meta {}\n-- Made from the module's table of functions by `make generate`. For editors; "
      "the server does not read it.\n",
      descriptor.name);
  for_own_kinds(
      table, [&](ObjectKind kind) { write_stub_object(out, table.name(kind), table.rows(kind)); });
  out << fmt::format("\nreturn {}\n", descriptor.name);
}

}  // namespace opensips::routing
