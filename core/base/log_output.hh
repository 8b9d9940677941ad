#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/log.hh"

namespace opensips::base {

/// Where lines of the log go. None waits longer than a moment for whoever reads; one thread at a
/// time.
class LogOutput {
 public:
  LogOutput() = default;
  LogOutput(const LogOutput&) = delete;
  LogOutput& operator=(const LogOutput&) = delete;
  virtual ~LogOutput() = default;
  /// `stamped` is a whole line with its end; `text` the same without time and end; `priority` as in
  /// syslog(3). False: the line is lost.
  virtual bool write(std::string_view stamped, std::string_view text, int priority) = 0;
};

/// Stderr may be a pipe shared with others, so its flags are not ours to change: it is asked before
/// each piece that a pipe takes whole. A reader found stuck is not waited for again until it reads.
class StderrOutput final : public LogOutput {
 public:
  explicit StderrOutput(bool stuck = false) : stuck_(stuck) {}
  bool is_stuck() const { return stuck_; }
  bool write(std::string_view stamped, std::string_view text, int priority) override;

 private:
  std::optional<std::size_t> piece(std::string_view bytes);

  bool stuck_;
  bool torn_ = false;  // a line was left without its end
};

/// Appends to a file, which is opened anew when `log_reopen` asked for it.
class FileOutput final : public LogOutput {
 public:
  explicit FileOutput(std::string path);
  ~FileOutput() override;
  bool is_open() const { return fd_ >= 0; }
  bool write(std::string_view stamped, std::string_view text, int priority) override;

 private:
  bool open();
  void close();

  std::string path_;
  int fd_ = -1;
  bool torn_ = false;
};

/// Datagrams to the local daemon: syslog(3) would wait for a daemon that does not read.
class SyslogOutput final : public LogOutput {
 public:
  explicit SyslogOutput(const LogOptions& options);
  ~SyslogOutput() override;
  bool write(std::string_view stamped, std::string_view text, int priority) override;

 private:
  bool send();
  bool connect();
  void close();

  std::string path_;
  std::string ident_;
  int facility_;
  int fd_ = -1;
  bool stuck_ = false;
  std::string line_;
};

}  // namespace opensips::base
