#include "module/modules.hh"

#include <algorithm>
#include <map>
#include <ranges>
#include <utility>

#include <fmt/format.h>

#include "config/schema.hh"
#include "module/library.hh"
#include "storage/storage.hh"

namespace opensips::modules {
namespace {

/// Where a module was loaded, or where its parameter was set.
config::Position place_of(const config::Settings& settings, std::string_view module,
                          std::string_view parameter = {}) {
  const auto set = settings.positions.find(fmt::format("{}:{}", module, parameter));
  if (set != settings.positions.end()) return set->second;
  const auto loaded = std::ranges::find(settings.modules, module, &config::Module::name);
  return loaded == settings.modules.end() ? config::Position{} : loaded->at;
}

std::string text_of(std::string_view module, const Failure& failure) {
  return fmt::format("module {}: {}", module, failure.text);
}

/// The same for a start, with its place.
std::string told(const config::Settings& settings, std::string_view module,
                 const Failure& failure) {
  return fmt::format("{}: {}", settings.place(place_of(settings, module, failure.parameter)),
                     text_of(module, failure));
}

/// A script whose name ends so is for that module, which brings its language.
constexpr std::pair<std::string_view, std::string_view> kLanguages[] = {{".pl", "perl"}};

void add_statistics(base::Stats& statistics, const Modules::Loaded& loaded) {
  for (const auto& statistic : loaded.module->statistics()) {
    const auto name = fmt::format("{}:{}", loaded.descriptor->name, statistic.name);
    switch (statistic.kind) {
      case base::StatKind::counter: *statistic.to = statistics.counter(name); break;
      case base::StatKind::gauge: *statistic.to = statistics.gauge(name); break;
      case base::StatKind::function: statistics.function(name, statistic.read); break;
    }
  }
}

Result<> add_commands(manage::Commands& commands, Module& module) {
  for (auto& command : module.commands()) {
    for (const auto& name : {command.name, command.old_name}) {
      if (!name.empty() && commands.find(name))
        return fail(fmt::format("its command {} is there already", name));
    }
    commands.add(std::move(command));
  }
  return {};
}

}  // namespace

Modules::~Modules() {
  stop();
}

std::expected<void, std::string> Modules::open(const config::Module& module,
                                               std::span<const std::string> mpath) {
  const auto path = find_library(module.file, mpath);
  if (!path) return std::unexpected(path.error());
  const auto descriptor = open_library(*path);
  if (!descriptor) return std::unexpected(descriptor.error());
  if ((*descriptor)->name != module.name) {
    return std::unexpected(fmt::format("'{}' holds the module '{}', expected '{}'", *path,
                                       (*descriptor)->name, module.name));
  }
  add(**descriptor);
  return {};
}

void Modules::add(const Descriptor& descriptor) {
  auto module = descriptor.make();
  auto parameters = module->parameters();
  for (auto& parameter : parameters) parameter.module = descriptor.name;
  loaded_.push_back({&descriptor, std::move(module), std::move(parameters)});
}

std::span<const Parameter> Modules::parameters(std::string_view module) const {
  const Loaded* const loaded = find(module);
  return loaded ? std::span<const Parameter>(loaded->parameters) : std::span<const Parameter>();
}

const Modules::Loaded* Modules::find(std::string_view name) const {
  const auto found = std::ranges::find_if(
      loaded_, [name](const Loaded& one) { return one.descriptor->name == name; });
  return found == loaded_.end() ? nullptr : &*found;
}

void Modules::check(const config::Settings& settings, config::Diagnostics& diagnostics) {
  check_language(settings, diagnostics);
  if (!needs_are_met(settings, diagnostics) || !sort(settings, diagnostics)) return;
  for (const auto& one : loaded_) {
    const auto good = one.module->check();
    if (good) continue;
    const auto& failure = good.error();
    diagnostics.error(place_of(settings, one.descriptor->name, failure.parameter),
                      text_of(one.descriptor->name, failure));
  }
}

void Modules::check_language(const config::Settings& settings,
                             config::Diagnostics& diagnostics) const {
  for (const auto& [suffix, module] : kLanguages) {
    if (!settings.script.ends_with(suffix) || find(module)) continue;
    const auto at = settings.positions.find("script");
    diagnostics.error(
        at == settings.positions.end() ? config::Position{} : at->second,
        fmt::format("a script in \"*{}\" is run by the module {}, expected loadmodule "
                    "\"{}.so\"",
                    suffix, module, module));
  }
}

bool Modules::needs_are_met(const config::Settings& settings, config::Diagnostics& diagnostics) {
  bool met = true;
  for (const auto& one : loaded_) {
    for (const auto need : one.descriptor->needs) {
      if (config::is_built_in(need) || find(need)) continue;
      met = false;
      diagnostics.error(place_of(settings, one.descriptor->name),
                        fmt::format("module {} needs the module {}, expected loadmodule \"{}.so\"",
                                    one.descriptor->name, need, need));
    }
  }
  return met;
}

/// Depth first, from each module to what it needs (Tarjan, 1976).
bool Modules::sort(const config::Settings& settings, config::Diagnostics& diagnostics) {
  std::map<std::string_view, Visit> visits;
  std::vector<std::string_view> order, way;
  const auto visit = [&](const auto& self, std::string_view name) -> bool {
    if (visits[name] == Visit::done) return true;
    way.push_back(name);
    if (visits[name] == Visit::on_the_way) return false;
    visits[name] = Visit::on_the_way;
    for (const auto need : find(name)->descriptor->needs) {
      if (!config::is_built_in(need) && !self(self, need)) return false;
    }
    visits[name] = Visit::done;
    way.pop_back();
    order.push_back(name);
    return true;
  };
  for (const auto& one : loaded_) {
    if (visit(visit, one.descriptor->name)) continue;
    const auto ring = std::ranges::find(way, way.back());
    diagnostics.error(
        place_of(settings, *ring),
        fmt::format("modules need each other: {}, expected one that can start before the others",
                    fmt::join(ring, way.end(), " needs ")));
    return false;
  }
  std::ranges::sort(loaded_, {}, [&](const Loaded& one) {
    return std::ranges::find(order, one.descriptor->name) - order.begin();
  });
  return true;
}

std::expected<void, std::string> Modules::start(Host& host, const config::Settings& settings) {
  host_ = &host;
  host.begin();
  for (const auto& one : loaded_) {
    if (auto* const backend = one.module->backend()) host.storage().add(*backend);
  }
  for (auto& one : loaded_) {
    const auto name = one.descriptor->name;
    add_statistics(host.statistics(), one);
    auto begun = add_commands(host.commands(), *one.module);
    if (begun) begun = one.module->init(host);
    if (!begun) {
      stop();
      return std::unexpected(told(settings, name, begun.error()));
    }
    one.running = true;
  }
  return {};
}

std::expected<void, std::string> Modules::start_on(Worker& worker,
                                                   const config::Settings& settings) {
  for (auto& one : loaded_) {
    const auto name = one.descriptor->name;
    auto started = one.module->start(worker);
    if (!started) return std::unexpected(told(settings, name, started.error()));
    auto& part = *started;
    one.module->parts_.push_back(part.get());
    loop::Layer* const layer = part ? part->layer() : nullptr;
    const auto below = one.module->layer_above();
    if (layer && below && !worker.context().path.insert(*layer, *below)) {
      return std::unexpected(told(settings, name, {"there are too many layers already"}));
    }
    if (part) worker.keep(std::move(part));
  }
  return {};
}

void Modules::stop() {
  for (auto& one : std::views::reverse(loaded_)) {
    if (std::exchange(one.running, false)) one.module->stop();
  }
  if (Host* const host = std::exchange(host_, nullptr)) host->end();
}

}  // namespace opensips::modules
