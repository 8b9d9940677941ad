#include "config/load.hh"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "config/check.hh"
#include "config/endpoint.hh"
#include "config/parser.hh"
#include "config/schema.hh"
#include "config/value.hh"

namespace opensips::config {
namespace {

constexpr std::size_t kDepthMax = 10;  // files that include each other, as in OpenSIPS
constexpr std::size_t kFilesMax = 256;

std::string directory_of(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

std::string module_name(std::string_view file) {
  std::string_view name = file.substr(file.rfind('/') + 1);
  if (name.ends_with(".so")) name.remove_suffix(3);
  return std::string(name);
}

class Loader {
 public:
  Loader(const Reader& reader, Modules* modules) : reader_(reader), modules_(modules) {}

  std::expected<Settings, Errors> run(const std::string& path) {
    const unsigned main = diagnostics_.add_file(path);
    if (const auto text = reader_(path)) {
      file(path, *text, main);
      open_modules();
      module_parameters();
      make_tls_domains(tls_values_, settings_, diagnostics_);
      settle();
      check(settings_, diagnostics_);
      if (modules_ && !diagnostics_.failed()) modules_->check(settings_, diagnostics_);
    } else {
      diagnostics_.error(
          {main, 0, 0},
          fmt::format("cannot be read: {}, expected a configuration file", text.error().reason));
    }
    if (diagnostics_.failed()) return std::unexpected(diagnostics_.errors());
    settings_.files = diagnostics_.files();
    settings_.notices = diagnostics_.notices();
    return std::move(settings_);
  }

 private:
  void file(const std::string& path, std::string_view text, unsigned index) {
    open_.push_back(std::filesystem::path(path).lexically_normal().string());
    const std::string directory = directory_of(path);
    const Tree tree = parse(text, index, diagnostics_);
    for (const auto& statement : tree.statements) {
      std::visit([&](const auto& it) { apply(it, directory); }, statement);
    }
    open_.pop_back();
  }

  void apply(const Include& include, const std::string& directory) {
    const std::string& name = include.file.text;
    const Position at = include.file.at;
    const std::string path = resolve_path(name, directory);
    if (name.empty() || name.find('\0') != std::string::npos) {
      return diagnostics_.error(
          at, fmt::format("file is {}, expected the name of a file", in_quotes(name)));
    }
    if (std::find(open_.begin(), open_.end(),
                  std::filesystem::path(path).lexically_normal().string()) != open_.end()) {
      return diagnostics_.error(
          at, fmt::format("{} includes itself, expected another file", in_quotes(name)));
    }
    if (open_.size() >= kDepthMax || diagnostics_.files().size() >= kFilesMax) {
      return diagnostics_.error(
          at, fmt::format("too many files, expected up to {} levels and {} files in all", kDepthMax,
                          kFilesMax));
    }
    const auto text = reader_(path);
    if (text) return file(path, *text, diagnostics_.add_file(path));
    if (text.error().missing && !include.required) {
      return diagnostics_.notice(
          at, fmt::format("{} does not exist, nothing imported", in_quotes(name)));
    }
    diagnostics_.error(at, fmt::format("cannot read {}: {}, expected a configuration file",
                                       in_quotes(path), text.error().reason));
  }

  void apply(const LoadModule& load, const std::string& directory) {
    const Position at = load.file.at;
    const std::string name = module_name(load.file.text);
    const bool built_in = is_built_in(name);
    if (built_in) diagnostics_.notice(at, fmt::format("module {} is built in", name));
    if (const Module* before = find_module(name); before && !built_in) {
      return diagnostics_.error(
          at, fmt::format("module {} is loaded in line {} of {} already, expected it once",
                          in_quotes(name), before->at.line,
                          shown(diagnostics_.files()[before->at.file])));
    }
    const bool has_directory = load.file.text.find('/') != std::string::npos;
    settings_.modules.push_back(
        {name, has_directory ? resolve_path(load.file.text, directory) : load.file.text, built_in,
         at});
  }

  const Module* find_module(std::string_view name) const {
    const auto found = std::ranges::find(settings_.modules, name, &Module::name);
    return found == settings_.modules.end() ? nullptr : &*found;
  }

  // When all is read: mpath may stand behind loadmodule.
  void open_modules() {
    for (const auto& module : settings_.modules) {
      if (module.built_in) continue;
      if (!modules_) {
        diagnostics_.error(
            module.at, fmt::format("cannot open {}: no such module in mpath, expected one that is "
                                   "installed",
                                   in_quotes(module.file)));
      } else if (const auto opened = modules_->open(module, settings_.mpath); !opened) {
        diagnostics_.error(module.at, opened.error());
      } else {
        opened_.push_back(module.name);
      }
    }
  }

  // They wait until every loadmodule is known: the order of the two does not matter.
  void apply(const ModParam& param, const std::string& directory) {
    mod_params_.push_back({param, directory});
  }

  void apply(const Assignment& assignment, const std::string& directory) {
    const auto now = renamed(assignment.name);
    if (!now.empty()) {
      return diagnostics_.error(assignment.at, fmt::format("{} is called {} now, expected {}=…",
                                                           in_quotes(assignment.name), now, now));
    }
    const Parameter* parameter = find_parameter({}, assignment.name);
    if (parameter == nullptr) return unknown({}, assignment.name, assignment.at);
    if (parameter->type == Type::socket) return socket(assignment);
    if (!assignment.options.empty()) {
      const Value& extra = assignment.options.front();
      return diagnostics_.error(
          extra.at, fmt::format("unexpected {} after the value of {}, expected a new line",
                                in_quotes(extra.text), assignment.name));
    }
    if (parameter->type == Type::alias) return alias(assignment);
    if (parameter->type == Type::prefix) return prefix(*parameter, assignment.value);
    set(*parameter, assignment.value, assignment.at, directory);
  }

  void socket(const Assignment& assignment) {
    std::vector<Complaint> notices;
    auto made = parse_socket(assignment.value, assignment.options, notices);
    if (!made) return diagnostics_.error(made.error().at, made.error().message);
    for (auto& notice : notices) diagnostics_.notice(notice.at, std::move(notice.message));
    settings_.sockets.push_back(std::move(*made));
  }

  void alias(const Assignment& assignment) {
    auto made = parse_alias(assignment.value);
    if (!made) return diagnostics_.error(made.error().at, made.error().message);
    settings_.aliases.push_back(std::move(*made));
  }

  void prefix(const Parameter& parameter, const Value& value) {
    const auto made = base::Prefix::parse(value.text);
    if (made) return settings_.source_limit_exempt.push_back(*made);
    diagnostics_.error(value.at, fmt::format("{} is {}, expected {}", parameter.name,
                                             in_quotes(value.text), expectation(parameter)));
  }

  void set(const Parameter& parameter, const Value& value, Position at,
           const std::string& directory) {
    if (const auto error = assign(parameter, value, directory, settings_)) {
      return diagnostics_.error(value.at, *error);
    }
    if (parameter.type == Type::tls || parameter.type == Type::tls_path) {
      tls_values_.push_back(parse_tls_value(parameter.name, value.text, value.at));
      auto& text = tls_values_.back().text;
      if (parameter.type == Type::tls_path && !text.empty()) text = resolve_path(text, directory);
    }
    if (parameter.no_effect) {
      return diagnostics_.notice(
          at, fmt::format("{} has no effect: {}", parameter.name, parameter.doc));
    }
    std::string_view name = parameter.name;
    if (!parameter.instead_of.empty()) {
      name = parameter.instead_of;
      diagnostics_.notice(at, fmt::format("{} is another name of {}", parameter.name, name));
    }
    std::string key =
        parameter.module.empty() ? std::string(name) : fmt::format("{}:{}", parameter.module, name);
    const auto [entry, first] = settings_.positions.insert_or_assign(std::move(key), value.at);
    if (parameter.type == Type::path_list) {
      if (first) settings_.mpath.clear();
      settings_.mpath.push_back(resolve_path(value.text, directory));
    } else if (!first && !parameter.is_list()) {
      diagnostics_.notice(at, fmt::format("{} was set before, this value counts", name));
    }
  }

  void module_parameters() {
    for (const auto& [param, directory] : mod_params_) {
      std::string_view rest = param.modules.text;
      while (true) {
        const std::size_t bar = rest.find('|');
        module_parameter(param, rest.substr(0, bar), directory);
        if (bar == std::string_view::npos) break;
        rest.remove_prefix(bar + 1);
      }
    }
  }

  void module_parameter(const ModParam& param, std::string_view module,
                        const std::string& directory) {
    const bool opened = std::ranges::find(opened_, module) != opened_.end();
    if (!opened && !is_built_in(module)) {
      if (find_module(module)) return;  // which could not be opened, and that has been said
      return diagnostics_.error(
          param.modules.at, fmt::format("module {} is not loaded, expected loadmodule \"{}.so\"",
                                        in_quotes(module), clean(module)));
    }
    for (const Parameter& parameter : parameters_of(module)) {
      if (parameter.module == module && parameter.name == param.name.text)
        return set(parameter, param.value, param.name.at, directory);
    }
    unknown(module, param.name.text, param.name.at);
  }

  // Among them those of the module, or of the globals when it is empty.
  std::span<const Parameter> parameters_of(std::string_view module) const {
    const bool opened = std::ranges::find(opened_, module) != opened_.end();
    return opened ? modules_->parameters(module) : parameters();
  }

  // A default gives way to limits that the operator set.
  void settle() {
    auto& registrar = settings_.registrar;
    if (settings_.positions.contains("registrar:default_expires")) return;
    registrar.default_expires = std::max(registrar.default_expires, registrar.min_expires);
    if (registrar.max_expires.count() != 0) {
      registrar.default_expires = std::min(registrar.default_expires, registrar.max_expires);
    }
  }

  // A name for use inside other quotes.
  static std::string clean(std::string_view name) {
    const std::string quoted = in_quotes(name);
    return quoted.substr(1, quoted.size() - 2);
  }

  void unknown(std::string_view module, std::string_view name, Position at) {
    const std::string what =
        module.empty() ? "parameter " + in_quotes(name)
                       : fmt::format("parameter {} of module {}", in_quotes(name), module);
    for (const auto& parameter : parameters()) {
      if (parameter.name != name || parameter.module == module) continue;
      return diagnostics_.error(at,
                                fmt::format("unknown {}, expected {}", what, spelling(parameter)));
    }
    std::vector<std::string_view> names;
    for (const auto& parameter : parameters_of(module)) {
      if (parameter.module == module) names.push_back(parameter.name);
    }
    const auto meant = closest(name, names);
    if (!meant.empty()) {
      return diagnostics_.error(at, fmt::format("unknown {}, did you mean '{}'?", what, meant));
    }
    if (names.empty())
      return diagnostics_.error(
          at, fmt::format("unknown {}, expected none: it has no parameters", what));
    const bool opened = std::ranges::find(opened_, module) != opened_.end();
    diagnostics_.error(at, fmt::format("unknown {}, expected one of {}", what,
                                       opened ? fmt::format("{}", fmt::join(names, ", "))
                                              : std::string("opensips.cfg(5)")));
  }

  static std::string spelling(const Parameter& parameter) {
    if (parameter.module.empty()) return fmt::format("{}=… outside of modparam", parameter.name);
    return fmt::format("modparam(\"{}\", \"{}\", …)", parameter.module, parameter.name);
  }

  struct Pending {
    ModParam param;
    std::string directory;
  };

  const Reader& reader_;
  Modules* modules_;
  Diagnostics diagnostics_;
  Settings settings_;
  std::vector<std::string> open_;  // the file being read, and those that include it
  std::vector<Pending> mod_params_;
  std::vector<std::string> opened_;  // modules
  std::vector<TlsValue> tls_values_;
};

}  // namespace

std::expected<Settings, Errors> load(const std::string& path, const Reader& reader,
                                     Modules* modules) {
  return Loader(reader, modules).run(path);
}

}  // namespace opensips::config
