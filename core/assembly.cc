#include "assembly.hh"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lp_routing/server_events.hh"

namespace opensips {
namespace {

/// The language that some module has for files of such a name; nullptr: it is Lua.
routing::Language* language_of(const std::string& file, const modules::Modules& modules) {
  for (const auto& one : modules.all()) {
    auto* const language = one.module->language();
    if (language && file.ends_with(language->suffix())) return language;
  }
  return nullptr;
}

routing::lua::Settings::Parts parts_of_version(const modules::Modules& modules,
                                               const routing::FunctionTable& functions,
                                               std::uint32_t number, bool only_checked) {
  std::vector<std::shared_ptr<void>> parts;
  for (const auto& one : modules.all()) {
    auto part = one.module->part_of_version(number, functions, only_checked);
    if (!part) return std::unexpected(std::move(part.error()));
    if (*part) parts.push_back(std::move(*part));
  }
  return parts;
}

}  // namespace

routing::FunctionTable functions_of(const modules::Modules& modules) {
  routing::FunctionTable table;
  for (const auto& one : modules.all()) {
    const auto& module = *one.descriptor;
    table.add(module.name, {module.functions.first, module.functions.count}, module.objects,
              one.module.get());
  }
  return table;
}

manage::EventTypes events_of(const modules::Modules& modules) {
  manage::EventTypes types = routing::core_events();
  for (const auto& one : modules.all()) types.add(one.descriptor->events);
  return types;
}

storage::Database::Options databases_of(const config::DbSettings& db) {
  storage::Database::Options options;
  options.connections = static_cast<unsigned>(db.max_async_connections);
  options.queue_limit = static_cast<std::size_t>(db.queue_limit);
  options.batch = static_cast<std::size_t>(db.batch_size);
  options.limit = db.query_timeout;
  options.connect_limit = db.connect_timeout;
  return options;
}

routing::lua::Settings script_of(const config::Settings& settings,
                                 const routing::FunctionTable& functions,
                                 const manage::EventTypes& events,
                                 const modules::Modules& modules) {
  routing::lua::Settings script;
  script.script = settings.script;
  script.lua_path = settings.lua_path;
  script.limits.memory = static_cast<std::size_t>(settings.script_memory_limit) << 20;
  script.limits.time = settings.script_time_limit;
  script.functions = &functions;
  script.events = &events;
  script.language = language_of(settings.script, modules);
  script.parts = [&modules, &functions](std::uint32_t number, bool only_checked) {
    return parts_of_version(modules, functions, number, only_checked);
  };
  return script;
}

}  // namespace opensips
