#pragma once

#include <iosfwd>
#include <span>
#include <string>

#include "lp_routing/functions/function.hh"
#include "manage/events.hh"

namespace opensips::modules {
struct Descriptor;
class Module;
}  // namespace opensips::modules

namespace opensips::routing {

/// The manual page opensips-lua(7), made from functions().
void write_manual(std::ostream& out);

/// Annotations for the Lua language server (lua/types/opensips.lua), made from functions().
void write_stubs(std::ostream& out);

/// "code, [reason], [options]"
std::string signature(const Function& function);

/// The rows of a section of a manual for these events.
void write_events(std::ostream& out, std::span<const manage::EventType> types);

/// The manual page opensips-module-NAME(7) of a module: its parameters, functions, commands and
/// statistics.
void write_module_manual(std::ostream& out, const modules::Descriptor& descriptor,
                         modules::Module& module);
/// The annotations for its functions (lua/types/NAME.lua).
void write_module_stubs(std::ostream& out, const modules::Descriptor& descriptor,
                        modules::Module& module);

/// What those are made of: a function's entry of a manual page, an object with its functions for
/// the language server, and text as troff takes it.
void write_manual_entry(std::ostream& out, const Function& function);
void write_stub_object(std::ostream& out, std::string_view name, std::span<const Function> rows);
std::string troff_text(std::string_view text);

}  // namespace opensips::routing
