#pragma once

#include <expected>
#include <string>

namespace opensips {

/// The process as the operator started it: in the foreground, or, after detach(), a child in the
/// background whose parent waits to learn how the start went. Control thread, before any other.
class Daemon {
 public:
  Daemon() = default;
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;
  /// Removes the pid file.
  ~Daemon();

  /// Returns in the child only. The parent leaves with 0 once ready() is called, with 1 if the
  /// child ends before it; until then stderr is the operator's.
  void detach();
  /// The start went well: writes the pid file, if one is named, and lets the parent go.
  std::expected<void, std::string> ready(const std::string& pid_file);

 private:
  std::string pid_file_;
  int tell_parent_ = -1;
};

}  // namespace opensips
