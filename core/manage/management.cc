#include "manage/management.hh"

#include <sys/socket.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/log.hh"
#include "manage/access.hh"
#include "manage/socket_file.hh"

namespace opensips::manage {

namespace {

constexpr const char* kControlSocket = "opensips.sock";

/// Where a control socket is looked for, too: opensipsctl knows the same places.
std::vector<std::filesystem::path> usual_directories() {
  std::vector<std::filesystem::path> all{config::run_directory()};
  if (const char* const mine = std::getenv("XDG_RUNTIME_DIR"); mine && *mine == '/') {
    all.push_back(std::filesystem::path(mine) / "opensips");
  }
  return all;
}

std::expected<SocketFile, std::string> bind_in_usual_place() {
  std::string problem;
  for (const auto& directory : usual_directories()) {
    std::error_code failed;
    std::filesystem::create_directories(directory, failed);
    if (failed) {
      problem = fmt::format("{}: {}", directory.string(), failed.message());
      continue;
    }
    auto bound = SocketFile::bind(directory / kControlSocket, SOCK_STREAM, {});
    if (bound) return bound;
    problem = bound.error();
  }
  return std::unexpected(problem);
}

}  // namespace

struct Management::Place {
  loop::Control& control;
  const Commands& commands;
  const config::Settings& settings;

  std::unexpected<std::string> problem(std::string_view parameter, std::string_view what) const {
    return std::unexpected(fmt::format("{}: {}", settings.place(parameter), what));
  }
};

std::expected<std::unique_ptr<Management>, std::string> Management::make(
    loop::Control& control, const Commands& commands, const config::Settings& settings) {
  auto management = std::make_unique<Management>();
  const Place place{control, commands, settings};
  for (const auto open :
       {&Management::open_stream, &Management::open_datagram, &Management::open_fifo}) {
    if (auto made = (*management.*open)(place); !made) return std::unexpected(made.error());
  }
  return management;
}

Management::Made Management::open_stream(const Place& place) {
  const auto& path = place.settings.control_socket;
  const bool is_asked_for = place.settings.positions.contains("control_socket");
  if (is_asked_for && path.empty()) return {};
  auto bound = is_asked_for ? SocketFile::bind(path, SOCK_STREAM, {}) : bind_in_usual_place();
  if (!bound && is_asked_for) return place.problem("control_socket", bound.error());
  if (!bound) {
    base::log_notice("no control socket, control_socket can name another: {}", bound.error());
    return {};
  }
  base::log_notice("commands are taken on {}", bound->path());
  stream_ =
      std::make_unique<StreamServer>(place.control, place.commands, Access{}, std::move(*bound));
  return {};
}

Management::Made Management::open_datagram(const Place& place) {
  const auto& mine = place.settings.mi_datagram;
  if (mine.socket_name.empty()) return {};
  const auto access = Access::of(static_cast<mode_t>(mine.mode), mine.user, mine.group);
  if (!access) return place.problem("mi_datagram:socket_name", access.error());
  auto bound = SocketFile::bind(mine.socket_name, SOCK_DGRAM, *access);
  if (!bound) return place.problem("mi_datagram:socket_name", bound.error());
  base::log_notice("commands are taken on {}", bound->path());
  datagram_ =
      std::make_unique<DatagramServer>(place.control, place.commands, *access, std::move(*bound));
  return {};
}

Management::Made Management::open_fifo(const Place& place) {
  const auto& mine = place.settings.mi_fifo;
  if (!place.settings.names_module("mi_fifo") || mine.fifo_name.empty()) return {};
  const auto access = Access::of(static_cast<mode_t>(mine.mode), mine.user, mine.group);
  if (!access) return place.problem("mi_fifo:fifo_name", access.error());
  auto made = SocketFile::make_fifo(mine.fifo_name, *access);
  if (!made) return place.problem("mi_fifo:fifo_name", made.error());
  base::log_notice("commands are taken on {}", made->path());
  fifo_ = std::make_unique<FifoServer>(place.control, place.commands, *access, std::move(*made),
                                       mine.reply_dir);
  return {};
}

}  // namespace opensips::manage
