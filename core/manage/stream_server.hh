#pragma once

#include <cstddef>
#include <list>
#include <memory>

#include "loop/control.hh"
#include "manage/access.hh"
#include "manage/command.hh"
#include "manage/socket_file.hh"

namespace opensips::manage {

/// A Unix stream socket that speaks JSON-RPC, a request a line, an answer a line. A client may be
/// slow or silent, send nonsense or never read: it holds a bounded piece of memory for a bounded
/// time. Control thread.
class StreamServer {
 public:
  static constexpr std::size_t kMaxConnections = 128;

  StreamServer(loop::Control& control, const Commands& commands, const Access& access,
               SocketFile socket);
  StreamServer(const StreamServer&) = delete;
  StreamServer& operator=(const StreamServer&) = delete;
  ~StreamServer();

 private:
  class Connection;

  void listen();
  void accept_some();
  void admit(Descriptor descriptor);
  void sweep();
  void end(Connection& connection);

  loop::Control& control_;
  const Commands& commands_;
  const Access access_;
  SocketFile socket_;
  std::list<std::unique_ptr<Connection>> connections_;
  loop::Control::Watch watch_;
  loop::Control::Watch sweeper_;
};

}  // namespace opensips::manage
