#pragma once

#include <list>
#include <string_view>

#include "loop/control.hh"
#include "manage/access.hh"
#include "manage/command.hh"
#include "manage/rpc.hh"
#include "manage/socket_file.hh"

namespace opensips::manage {

/// A Unix datagram socket that speaks JSON-RPC as OpenSIPS's mi_datagram does: a request in, its
/// answer out to the socket that the client has bound. What does not fit into a datagram is an
/// error; a client whose socket is full gets nothing. Control thread.
class DatagramServer {
 public:
  DatagramServer(loop::Control& control, const Commands& commands, const Access& access,
                 SocketFile socket);
  ~DatagramServer();
  DatagramServer(const DatagramServer&) = delete;
  DatagramServer& operator=(const DatagramServer&) = delete;

 private:
  struct Datagram;
  struct Waiting;

  void read_some();
  void serve(const Datagram& datagram);
  void answer_to(const Datagram& datagram, Answer& answered);
  void wait(std::list<Waiting>::iterator one);
  void send(const Datagram& to, std::string_view text);

  const Commands& commands_;
  const Access access_;
  SocketFile socket_;
  std::list<Waiting> waiting_;  // for what commands answer later
  loop::Control::Watch watch_;
};

}  // namespace opensips::manage
