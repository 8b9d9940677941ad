#include "l0_transport/tcp_commands.hh"

#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "l0_transport/connections.hh"
#include "loop/ask.hh"

namespace opensips::transport {

namespace {

using manage::CommandArguments;
using manage::CommandError;
using manage::CommandResult;
using manage::Json;

std::string_view to_string(Connection::State state) {
  constexpr std::string_view names[] = {"connecting",  "handshake", "open",
                                        "half-closed", "closing",   "closing"};  // none has ended
  return names[static_cast<unsigned>(state)];
}

Json row(const Connection& connection, const Sockets& sockets, std::uint64_t now) {
  const auto& flow = connection.flow();
  const auto idle_at = connection.idle_at();
  Json row{{"ID", fmt::format("{:x}", connection.id().bits)},
           {"Type", base::name_of(flow.transport)},
           {"State", to_string(connection.state())},
           {"Source", flow.peer.to_string()},
           {"Destination", sockets.at(flow.socket).address.to_string()},
           {"Accepted", connection.accepted()},
           {"Lifetime", idle_at > now ? (idle_at - now) / 1000 : 0},
           {"Age", (now - connection.began_at()) / 1000},
           {"Received bytes", connection.received()},
           {"Sent bytes", connection.sent()},
           {"Waiting bytes", connection.waiting()}};
  if (connection.alias()) row["Alias"] = connection.alias().to_string();
  return row;
}

CommandResult list(const ConnectionTable& table, const Sockets& sockets,
                   const CommandArguments& given) {
  std::optional<base::Transport> wanted;
  if (given.has(0)) {
    wanted = transport_of(given.text(0));
    if (!wanted) return std::unexpected(CommandError{400, "no such transport"});
  }
  Json all = Json::array();
  for (Connections* const connections : table.workers()) {
    auto& here = *connections;
    const auto rows = loop::ask(here.worker().inbox(), [&] {
      std::vector<Json> found;
      const auto now = here.worker().context().now();
      here.for_each([&](const Connection& one) {
        if (wanted.value_or(one.flow().transport) != one.flow().transport) return;
        found.push_back(row(one, sockets, now));
      });
      return found;
    });
    if (!rows) continue;
    for (const auto& one : *rows) all.push_back(one);
  }
  return Json{{"Connections", std::move(all)}};
}

CommandResult close(const ConnectionTable& table, const std::string& text) {
  std::uint64_t bits = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, bits, 16);
  const base::ConnectionId id(bits);
  const bool named = error == std::errc() && stop == end && id.worker() < table.workers().size();
  if (!named) return std::unexpected(CommandError{404, "no such connection"});
  auto& home = table.of(id.worker());
  const auto closed = loop::ask(home.worker().inbox(), [&home, id] { return home.close(id); });
  if (!closed.value_or(false)) return std::unexpected(CommandError{404, "no such connection"});
  return Json("OK");
}

}  // namespace

void add_tcp_commands(manage::Commands& commands, ConnectionTable& table, const Sockets& sockets) {
  commands.add({.name = "tcp:list",
                .old_name = "list_tcp_conns",
                .doc = "All connections, or those of one transport.",
                .parameters = {{.name = "transport", .optional = true, .doc = "as in tcp"}},
                .run = [&](const CommandArguments& given) { return list(table, sockets, given); }});
  commands.add({.name = "tcp:close",
                .old_name = "",
                .doc = "Closes a connection.",
                .parameters = {{.name = "id", .doc = "as tcp:list gives it"}},
                .run = [&](const CommandArguments& given) { return close(table, given.text(0)); }});
}

}  // namespace opensips::transport
