#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "base/address.hh"
#include "base/flow.hh"
#include "l0_transport/file_descriptor.hh"
#include "loop/timer_wheel.hh"
#include "loop/worker.hh"

namespace opensips::transport {

class Connections;

/// Binds `count` listening sockets to one address of SCTP, TCP or what runs over it, so that the
/// kernel spreads new connections over them; otherwise as bind_udp() does. They listen when a
/// TcpListener takes them. Control thread.
std::expected<std::vector<FileDescriptor>, std::string> bind_tcp(
    const base::Address& address, unsigned count, base::Transport transport = base::Transport::tcp);

/// A new one-to-one socket of that family, not blocking; none with errno set. `transport`: SCTP, or
/// TCP and what runs over it.
FileDescriptor open_stream(int family, base::Transport transport);

/// One worker's share of an address that connections are accepted on: accepts what comes, a number
/// of connections per turn. When the process has no descriptors left it pauses, so that the loop
/// does not spin.
class TcpListener {
 public:
  /// `socket`: the place in Sockets.
  TcpListener(Connections& home, std::uint16_t socket, base::Transport transport,
              FileDescriptor fd);

  /// Accepts from now on.
  void start();
  std::uint16_t socket() const { return socket_; }

 private:
  void on_readable();
  void pause(int error);
  void on_pause_end() { watch_->resume(); }

  Connections& home_;
  std::uint16_t socket_;
  base::Transport transport_;
  FileDescriptor fd_;
  loop::WatchPtr watch_;
  loop::Timer pause_ = loop::Timer::calling<&TcpListener::on_pause_end>(this);
};

}  // namespace opensips::transport
