#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "loop/control.hh"
#include "manage/access.hh"
#include "manage/command.hh"
#include "manage/request_cutter.hh"
#include "manage/rpc.hh"
#include "manage/socket_file.hh"

namespace opensips::manage {

/// A FIFO that speaks JSON-RPC as OpenSIPS's mi_fifo does: ":name:" and a request in, the answer
/// out to the FIFO of that name, which the client has made in the reply directory. Without a name
/// the answer is not wanted. A client that does not read its answer costs a bounded piece of memory
/// for a short time. Control thread.
class FifoServer {
 public:
  static constexpr std::size_t kMaxReplies = 64;  ///< that wait for their readers

  FifoServer(loop::Control& control, const Commands& commands, const Access& access,
             SocketFile fifo, std::string reply_directory);
  FifoServer(const FifoServer&) = delete;
  FifoServer& operator=(const FifoServer&) = delete;
  ~FifoServer();

 private:
  class Reply;

  void watch();
  void read_some();
  void serve_all();
  void serve(std::string_view line);
  void reply(std::string_view name, Answer answer);
  void end(Reply& reply);

  loop::Control& control_;
  const Commands& commands_;
  const Access access_;
  SocketFile fifo_;
  const std::string reply_directory_;
  RequestCutter requests_;
  std::list<std::unique_ptr<Reply>> replies_;
  loop::Control::Watch watch_;
  loop::Control::Watch stalled_;
};

/// ":name:" and the request behind it.
struct FifoLine {
  std::string_view reply_to;  ///< a file's name without a directory; empty: no answer
  std::string_view request;

  /// False if the name is none that stays in its directory.
  bool parse(std::string_view line);
};

}  // namespace opensips::manage
