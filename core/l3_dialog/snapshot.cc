#include "l3_dialog/snapshot.hh"

#include <fmt/format.h>

namespace opensips::dialog {

namespace {

DialogSnapshot::Side side_of(const Dialog& dialog, Party party, const transport::Sockets& sockets) {
  const auto& side = dialog.side(party);
  const auto* const shift = dialog.shift(party);
  DialogSnapshot::Side copy{.uri = std::string(dialog.uri(party)),
                            .tag = std::string(dialog.tag(party)),
                            .contact = std::string(dialog.contact(party)),
                            .routes = std::string(dialog.routes(party)),
                            .socket = {},
                            .seen = side.seen ? side.seen.to_string() : std::string(),
                            .cseq = side.cseq,
                            .sent = side.cseq + (shift ? shift->amount() : 0)};
  if (side.socket < sockets.size()) {
    const auto& socket = sockets.at(side.socket);
    copy.socket = fmt::format("{}:{}", base::name_of(socket.transport), socket.address.to_string());
  }
  return copy;
}

/// The nearest second: it stays the same whenever it is asked for, and over restarts.
std::int64_t on_wall(std::uint64_t at_ms, std::uint64_t now_ms, std::int64_t wall_ms) {
  if (at_ms == 0) return 0;
  const auto left = static_cast<std::int64_t>(at_ms) - static_cast<std::int64_t>(now_ms);
  return (wall_ms + left + 500) / 1000;
}

}  // namespace

DialogSnapshot snapshot_of(const Dialog& dialog, const transport::Sockets& sockets,
                           std::uint64_t now_ms, std::int64_t wall_ms) {
  DialogSnapshot snapshot{.did = dialog.did,
                          .call_id = std::string(dialog.text(Dialog::call_id)),
                          .caller = side_of(dialog, Party::caller, sockets),
                          .callee = side_of(dialog, Party::callee, sockets),
                          .state = dialog.state,
                          .started = dialog.started,
                          .life_ends = on_wall(dialog.life_ends_at, now_ms, wall_ms),
                          .session_ends = on_wall(dialog.session_ends_at, now_ms, wall_ms),
                          .options = dialog.options,
                          .vars = {},
                          .profiles = {}};
  if (dialog.extras) {
    snapshot.vars = dialog.extras->vars;
    snapshot.profiles = dialog.extras->profiles;
  }
  return snapshot;
}

}  // namespace opensips::dialog
