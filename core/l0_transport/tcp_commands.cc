#include "l0_transport/tcp_commands.hh"

#include <charconv>
#include <future>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "l0_transport/connections.hh"

namespace opensips::transport {

namespace {

using manage::CommandArguments;
using manage::CommandError;
using manage::CommandResult;
using manage::Json;

/// Runs `work(Connections&)` on its worker and waits for what it returns; nothing if the worker has
/// ended.
template <class Work>
std::optional<std::invoke_result_t<Work&, Connections&>> on_worker(Connections& connections,
                                                                   Work work) {
  std::promise<std::invoke_result_t<Work&, Connections&>> promise;
  auto result = promise.get_future();
  connections.worker().inbox().post(
      [&connections, work = std::move(work), promise = std::move(promise)]() mutable {
        promise.set_value(work(connections));
      });
  try {
    return result.get();
  } catch (const std::future_error&) {
    return std::nullopt;
  }
}

std::string_view to_string(Connection::State state) {
  constexpr std::string_view names[] = {"connecting", "handshake", "open",
                                        "closing",    "closing",   "closed"};
  return names[static_cast<unsigned>(state)];
}

Json row(const Connection& connection, const Sockets& sockets, std::uint64_t now) {
  const auto& flow = connection.flow();
  const auto idle_at = connection.idle_at();
  return {{"ID", fmt::format("{:x}", connection.id().bits)},
          {"Type", base::name_of(flow.transport)},
          {"State", to_string(connection.state())},
          {"Source", flow.peer.to_string()},
          {"Destination", sockets.at(flow.socket).address.to_string()},
          {"Accepted", connection.accepted()},
          {"Lifetime", idle_at > now ? (idle_at - now) / 1000 : 0},
          {"Waiting bytes", connection.waiting()}};
}

CommandResult list(const ConnectionTable& table, const Sockets& sockets) {
  Json all = Json::array();
  for (Connections* const connections : table.workers()) {
    const auto rows = on_worker(*connections, [&sockets](Connections& here) {
      std::vector<Json> found;
      const auto now = here.worker().context().now();
      here.for_each([&](const Connection& one) { found.push_back(row(one, sockets, now)); });
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
  const bool closed = named && on_worker(table.of(id.worker()), [id](Connections& here) {
                                 return here.close(id);
                               }).value_or(false);
  if (!closed) return std::unexpected(CommandError{404, "no such connection"});
  return Json("OK");
}

}  // namespace

void add_tcp_commands(manage::Commands& commands, ConnectionTable& table, const Sockets& sockets) {
  commands.add({.name = "tcp:list",
                .old_name = "list_tcp_conns",
                .doc = "All connections, over whatever transport.",
                .run = [&](const CommandArguments&) { return list(table, sockets); }});
  commands.add({.name = "tcp:close",
                .old_name = "",
                .doc = "Closes a connection.",
                .parameters = {{.name = "id", .doc = "as tcp:list gives it"}},
                .run = [&](const CommandArguments& given) { return close(table, given.text(0)); }});
}

}  // namespace opensips::transport
