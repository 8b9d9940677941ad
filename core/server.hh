#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "config/settings.hh"
#include "lp_routing/lua/report.hh"
#include "module/modules.hh"

namespace opensips {

/// The whole server: what the workers share, and the workers with their layers. All functions are
/// for the control thread.
class Server {
 public:
  /// Binds the sockets, starts the modules and loads the script on every worker. No worker runs
  /// yet, and nothing is left behind if it fails; the error is for the operator. `modules` are
  /// those of the settings; both outlive the server.
  static std::expected<std::unique_ptr<Server>, std::string> make(const config::Settings& settings,
                                                                  modules::Modules& modules);
  ~Server();

  /// Runs the workers until SIGINT or SIGTERM. SIGHUP opens the log file anew.
  void run();

 private:
  class Unit;
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

/// What a start would find wrong with the settings and the script, without starting, and what the
/// text of the script says of mistakes that only a call would find.
routing::lua::Report check(const config::Settings& settings, const modules::Modules& modules);

}  // namespace opensips
