#include "l0_transport/socket_commands.hh"

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/log.hh"
#include "config/endpoint.hh"

namespace opensips::transport {

namespace {

using manage::CommandArguments;
using manage::CommandError;
using manage::CommandResult;
using manage::Json;

/// A socket as a line of the configuration has it, from the words of a command.
std::expected<config::Socket, CommandError> read(const CommandArguments& given,
                                                 const Json& words = Json::array()) {
  std::vector<config::Value> options;
  for (const auto& word : words) {
    if (!word.is_string()) return std::unexpected(CommandError{400, "an option is not a text"});
    options.push_back({.text = word.get<std::string>()});
  }
  std::vector<config::Complaint> notices;
  auto socket = config::parse_socket({.text = given.text(0)}, options, notices);
  if (!socket) return std::unexpected(CommandError{400, socket.error().message});
  return std::move(*socket);
}

CommandResult list(const Listeners& listeners, const Sockets& sockets) {
  Json all = Json::array();
  for (const auto& one : listeners.opened()) {
    const auto& socket = sockets.at(one.place);
    all.push_back({{"Socket", fmt::format("{}:{}", base::name_of(socket.transport),
                                          socket.address.to_string())},
                   {"Advertised", socket.sent_by},
                   {"Line", one.line}});
  }
  return Json{{"Sockets", std::move(all)}};
}

CommandResult add(Listeners& listeners, const CommandArguments& given) {
  const auto socket = read(given, given.has(1) ? given[1] : Json::array());
  if (!socket) return std::unexpected(socket.error());
  if (auto opened = listeners.open(*socket); !opened) {
    return std::unexpected(CommandError{400, opened.error()});
  }
  base::log_notice("listening on {}, as a command wants it", given.text(0));
  return Json("OK");
}

CommandResult close(Listeners& listeners, const CommandArguments& given) {
  const auto socket = read(given);
  if (!socket) return std::unexpected(socket.error());
  if (listeners.close(*socket) == 0) return std::unexpected(CommandError{404, "no such socket"});
  return Json("OK");
}

}  // namespace

void add_socket_commands(manage::Commands& commands, Listeners& listeners, const Sockets& sockets) {
  using Type = manage::CommandParameter::Type;
  commands.add({.name = "sockets:list",
                .old_name = "list_sockets",
                .doc = "The sockets that the server listens on, and the lines they stand for.",
                .run = [&](const CommandArguments&) { return list(listeners, sockets); }});
  commands.add(
      {.name = "sockets:add",
       .old_name = "",
       .doc = "Listens on a socket, as a line socket= of opensips.cfg would.",
       .parameters =
           {{.name = "socket", .doc = "as in udp:192.0.2.1:5060"},
            {.name = "options", .type = Type::list, .optional = true, .doc = "as ADDRESS:PORT"}},
       .run = [&](const CommandArguments& given) { return add(listeners, given); }});
  commands.add({.name = "sockets:close",
                .old_name = "",
                .doc = "Listens on a socket no more. Connections that came by it stay.",
                .parameters = {{.name = "socket", .doc = "as sockets:list gives it, or its line"}},
                .run = [&](const CommandArguments& given) { return close(listeners, given); }});
}

}  // namespace opensips::transport
