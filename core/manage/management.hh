#pragma once

#include <expected>
#include <memory>
#include <string>

#include "config/settings.hh"
#include "loop/control.hh"
#include "manage/command.hh"
#include "manage/datagram_server.hh"
#include "manage/fifo_server.hh"
#include "manage/stream_server.hh"

namespace opensips::manage {

/// The ways to the commands that the operator has asked for, and the control socket that is there
/// without asking. Control thread.
class Management {
 public:
  /// What is configured and cannot be had is an error, for the operator. The control socket that
  /// nobody asked for is only missed, with a line in the log.
  static std::expected<std::unique_ptr<Management>, std::string> make(
      loop::Control& control, const Commands& commands, const config::Settings& settings);

 private:
  struct Place;
  using Made = std::expected<void, std::string>;

  Made open_stream(const Place& place);
  Made open_datagram(const Place& place);
  Made open_fifo(const Place& place);

  std::unique_ptr<StreamServer> stream_;
  std::unique_ptr<DatagramServer> datagram_;
  std::unique_ptr<FifoServer> fifo_;
};

}  // namespace opensips::manage
