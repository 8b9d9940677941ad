#include "manage/command.hh"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace opensips::manage {

namespace {

using Type = CommandParameter::Type;

std::unexpected<CommandError> invalid(std::string message) {
  return std::unexpected(CommandError{CommandError::kInvalidParameters, std::move(message)});
}

bool fits(const Json& value, Type type) {
  switch (type) {
    case Type::text: return value.is_string();
    case Type::integer: return value.is_number_integer();
    case Type::boolean: return value.is_boolean();
    case Type::list: return value.is_array();
    case Type::fields: return value.is_object();
  }
  return false;
}

/// "name=value" texts as an object.
std::optional<Json> fields_from(const Json& texts) {
  Json fields = Json::object();
  for (const auto& one : texts) {
    if (!one.is_string()) return std::nullopt;
    const auto& text = one.get_ref<const std::string&>();
    const auto equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) return std::nullopt;
    fields[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return fields;
}

/// A FIFO, and opensips-cli, have only text: what it can mean it does mean.
std::optional<Json> from_text(const std::string& text, Type type) {
  if (type == Type::boolean) {
    if (text == "yes" || text == "true" || text == "1") return true;
    if (text == "no" || text == "false" || text == "0") return false;
    return std::nullopt;
  }
  if (type == Type::list) return Json::array({text});
  if (type == Type::fields) return fields_from(Json::array({text}));
  if (type != Type::integer) return std::nullopt;
  std::int64_t number = 0;
  const auto end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || at != end) return std::nullopt;
  return number;
}

/// The value as the parameter's type wants it.
std::expected<Json, CommandError> convert(const CommandParameter& parameter, const Json& given) {
  if (fits(given, parameter.type)) return given;
  if (given.is_array() && parameter.type == Type::fields) {
    if (auto meant = fields_from(given)) return *meant;
  }
  if (given.is_string()) {
    if (auto meant = from_text(given.get_ref<const std::string&>(), parameter.type)) return *meant;
  }
  if (parameter.type == Type::text && given.is_number()) return given.dump();
  return invalid(
      fmt::format("parameter {}: expected {}", parameter.name, to_string(parameter.type)));
}

/// ["a", "b"] for a list alone means [["a", "b"]].
bool takes_rest(const Command& command, const Json& given) {
  if (command.parameters.empty() || given.size() <= command.parameters.size()) return false;
  const Type last = command.parameters.back().type;
  return last == Type::list || last == Type::fields;
}

/// What was given for each parameter, null for nothing.
std::expected<std::vector<Json>, CommandError> in_order(const Command& command, const Json& given) {
  const auto& parameters = command.parameters;
  std::vector<Json> values(parameters.size());
  if (given.is_null()) return values;
  if (given.is_array()) {
    if (takes_rest(command, given)) {
      const auto rest = static_cast<std::ptrdiff_t>(parameters.size()) - 1;
      std::copy_n(given.begin(), rest, values.begin());
      values.back() = Json(given.begin() + rest, given.end());
      return values;
    }
    if (given.size() > parameters.size()) {
      return invalid(fmt::format("{} takes {} parameters, {} are given", command.name,
                                 parameters.size(), given.size()));
    }
    std::ranges::copy(given, values.begin());
    return values;
  }
  if (!given.is_object()) return invalid("params: expected an object or an array");
  for (const auto& [name, value] : given.items()) {
    const auto found = std::ranges::find(parameters, name, &CommandParameter::name);
    if (found == parameters.end()) {
      return invalid(fmt::format("{} has no parameter {}", command.name, name));
    }
    values[static_cast<std::size_t>(found - parameters.begin())] = value;
  }
  return values;
}

}  // namespace

std::string_view to_string(Type type) {
  constexpr std::string_view names[] = {"text", "an integer", "true or false", "a list",
                                        "an object, or name=value"};
  return names[static_cast<unsigned>(type)];
}

std::string to_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void Commands::add(Command command) {
  assert(!find(command.name) && (command.old_name.empty() || !find(command.old_name)));
  all_.push_back(std::move(command));
}

const Command* Commands::find(std::string_view name) const {
  const auto found = std::ranges::find_if(all_, [name](const Command& command) {
    return command.name == name || (!name.empty() && command.old_name == name);
  });
  return found == all_.end() ? nullptr : &*found;
}

CommandAnswer Commands::start(std::string_view name, const Json& given, Client* client) const {
  const Command* const command = find(name);
  if (!command) {
    return std::unexpected(
        CommandError{CommandError::kUnknownCommand, fmt::format("no command {}", name)});
  }
  auto values = in_order(*command, given);
  if (!values) return std::unexpected(std::move(values.error()));
  for (std::size_t i = 0; i < values->size(); ++i) {
    const auto& parameter = command->parameters[i];
    Json& value = (*values)[i];
    if (value.is_null()) {
      if (parameter.optional) continue;
      return invalid(fmt::format("{} needs parameter {}", command->name, parameter.name));
    }
    auto converted = convert(parameter, value);
    if (!converted) return std::unexpected(std::move(converted.error()));
    value = std::move(*converted);
  }
  const CommandArguments arguments(std::move(*values));
  if (command->stream) return command->stream(arguments);
  if (command->run_later) {
    auto later = command->run_later(arguments);
    if (!later->is_there()) return later;
    return finished(*command, later->take());
  }
  return finished(*command,
                  command->run_for ? command->run_for(arguments, client) : command->run(arguments));
}

CommandResult Commands::finished(const Command& command, CommandResult result) const {
  if (result && done_) done_(command);
  return result;
}

CommandResult Commands::call(std::string_view name, const Json& given) const {
  auto answer = start(name, given);
  if (!answer) return std::unexpected(std::move(answer.error()));
  if (auto* const whole = std::get_if<Json>(&*answer)) return std::move(*whole);
  if (std::holds_alternative<std::shared_ptr<LaterResult>>(*answer)) {
    return std::unexpected(CommandError{500, fmt::format("{} answers later", name)});
  }
  std::string text;
  while (std::get<ResultPieces>(*answer)(text)) {
  }
  return Json::parse(text);
}

}  // namespace opensips::manage
