#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "config/settings.hh"

namespace opensips {

/// The whole server: what the workers share, and the workers with their layers. All functions are
/// for the control thread.
class Server {
 public:
  /// Binds the sockets and loads the script on every worker. Nothing runs yet, and nothing is left
  /// behind if it fails; the error is for the operator.
  static std::expected<std::unique_ptr<Server>, std::string> make(const config::Settings& settings);
  ~Server();

  /// Runs the workers until SIGINT or SIGTERM. SIGHUP opens the log file anew.
  void run();

 private:
  class Unit;
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

/// Everything that a start would find wrong with the settings and the script, without starting.
/// Empty: nothing.
std::string check(const config::Settings& settings);

}  // namespace opensips
