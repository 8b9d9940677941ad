#include "manage/core_commands.hh"

#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/log.hh"
#include "config.h"

namespace opensips::manage {

namespace {

constexpr int kLowestLevel = static_cast<int>(base::LogLevel::alert);
constexpr int kHighestLevel = static_cast<int>(base::LogLevel::debug);

/// As ctime() writes it, without the newline.
std::string date(std::time_t time) {
  std::array<char, 32> text{};
  ::ctime_r(&time, text.data());
  std::string date(text.data());
  if (!date.empty()) date.pop_back();
  return date;
}

CommandResult version(const CommandArguments&) {
  utsname system{};
  ::uname(&system);
  return Json{
      {"Server", fmt::format("OpenSIPS ({} ({}/linux))", OPENSIPS_VERSION, system.machine)}};
}

CommandResult uptime(std::time_t started) {
  const auto now = std::time(nullptr);
  return Json{{"Now", date(now)},
              {"Up since", date(started)},
              {"Up time", fmt::format("{} [sec]", now - started)}};
}

CommandResult which(const Commands& commands) {
  Json names = Json::array();
  for (const auto& command : commands.all()) {
    names.push_back(command.name);
    if (!command.old_name.empty()) names.push_back(command.old_name);
  }
  return names;
}

/// One command in all detail.
CommandResult explain(const Commands& commands, const std::string& name) {
  const auto* const command = commands.find(name);
  if (!command) return std::unexpected(CommandError{404, "no command " + name});
  const auto colon = command->name.find(':');
  Json parameters = Json::array();
  for (const auto& parameter : command->parameters) {
    parameters.push_back({{"Name", parameter.name},
                          {"Type", to_string(parameter.type)},
                          {"Optional", parameter.optional},
                          {"Help", parameter.doc}});
  }
  Json all{{"Name", command->name}};
  if (!command->old_name.empty()) all["Old name"] = command->old_name;
  all["Help"] = command->doc;
  all["Exported by"] = colon == std::string::npos ? "core" : command->name.substr(0, colon);
  all["Parameters"] = std::move(parameters);
  return all;
}

CommandResult help(const Commands& commands, const CommandArguments& arguments) {
  if (arguments.has(0)) return explain(commands, arguments.text(0));
  Json all = Json::object();
  for (const auto& command : commands.all()) all[command.name] = command.doc;
  return all;
}

CommandResult log_level(const CommandArguments& arguments) {
  if (!arguments.has(0)) {
    return Json{{"Processes",
                 {{{"PID", ::getpid()}, {"Log level", base::log_level()}, {"Type", "server"}}}}};
  }
  const auto level = arguments.integer(0);
  if (level < kLowestLevel || level > kHighestLevel) {
    return std::unexpected(CommandError{
        400, fmt::format("level is {}, expected {} to {}", level, kLowestLevel, kHighestLevel)});
  }
  base::log_set_level(static_cast<int>(level));
  return Json{{"New global log level", level}};
}

}  // namespace

void add_core_commands(Commands& commands, std::time_t started, std::function<void()> stop) {
  commands.add({.name = "version", .doc = "The version of the server.", .run = version});
  commands.add({.name = "uptime",
                .doc = "Since when the server has been running.",
                .run = [started](const CommandArguments&) { return uptime(started); }});
  commands.add({.name = "which",
                .doc = "The names of all commands.",
                .run = [&commands](const CommandArguments&) { return which(commands); }});
  commands.add({.name = "help",
                .doc = "What the commands do; what one does, and its parameters.",
                .parameters = {{.name = "mi_cmd", .optional = true, .doc = "A command."}},
                .run = [&commands](const CommandArguments& arguments) {
                  return help(commands, arguments);
                }});
  commands.add({.name = "log_level",
                .doc = "The level up to which lines are logged; with one given, from now on.",
                .parameters = {{.name = "level",
                                .type = CommandParameter::Type::integer,
                                .optional = true,
                                .doc = "-3 alert, -2 critical, -1 error, 1 warning, 2 notice, 3 "
                                       "info, 4 debug."}},
                .run = log_level});
  commands.add({.name = "kill",
                .doc = "Stops the server.",
                .run = [stop = std::move(stop)](const CommandArguments&) -> CommandResult {
                  base::log_notice("asked to stop by a command");
                  stop();
                  return "OK";
                }});
}

}  // namespace opensips::manage
