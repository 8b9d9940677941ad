#include "manage/datagram_server.hh"

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/log.hh"
#include "manage/rpc.hh"

namespace opensips::manage {

namespace {

using namespace std::chrono_literals;

constexpr unsigned kDatagramsPerTurn = 16;
/// Asked for; what the system grants is what an answer may have.
constexpr int kSendBuffer = 4 << 20;

/// The user who sent it, as the kernel says.
const ucred* credentials(msghdr& message) {
  for (auto* part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_CREDENTIALS) {
      return reinterpret_cast<const ucred*>(CMSG_DATA(part));
    }
  }
  return nullptr;
}

}  // namespace

struct DatagramServer::Datagram {
  std::string_view text;
  bool is_cut = false;  // there was more than a request may have
  sockaddr_un from{};
  socklen_t from_size = 0;  // of a client that has bound no socket: no more than the family
};

struct DatagramServer::Waiting {
  Datagram datagram;  // without its text
  Answer answer;
};

DatagramServer::DatagramServer(loop::Control& control, const Commands& commands,
                               const Access& access, SocketFile socket)
    : commands_(commands), access_(access), socket_(std::move(socket)) {
  const int on = 1;
  ::setsockopt(socket_.fd(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
  ::setsockopt(socket_.fd(), SOL_SOCKET, SO_SNDBUF, &kSendBuffer, sizeof kSendBuffer);
  watch_ = control.on_readable(socket_.fd(), [this] { read_some(); });
}

DatagramServer::~DatagramServer() = default;

void DatagramServer::read_some() {
  std::array<char, kMaxRequest + 1> bytes;
  for (unsigned i = 0; i < kDatagramsPerTurn; ++i) {
    Datagram datagram;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(ucred))> control;
    iovec vector{bytes.data(), bytes.size()};
    msghdr message{};
    message.msg_name = &datagram.from;
    message.msg_namelen = sizeof datagram.from;
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const auto size = ::recvmsg(socket_.fd(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (size < 0) return;
    datagram.text = {bytes.data(), static_cast<std::size_t>(size)};
    datagram.is_cut = (message.msg_flags & MSG_TRUNC) != 0;
    datagram.from_size = message.msg_namelen;
    const auto* const sender = credentials(message);
    if (sender && access_.permits(sender->uid, sender->gid)) {
      serve(datagram);
      continue;
    }
    static base::RateLimit limit{10s};
    base::log_limited(limit, base::LogLevel::warn, "{}: refused a client of user {}",
                      socket_.path(), sender ? static_cast<long>(sender->uid) : -1);
    send(datagram, error_text({CommandError::kServerError, "this user may not"}));
  }
}

void DatagramServer::serve(const Datagram& datagram) {
  if (datagram.is_cut) {
    return send(datagram, error_text({CommandError::kServerError, "the request is too long"}));
  }
  auto answered = answer(commands_, datagram.text);
  if (!answered.is_waiting()) return answer_to(datagram, answered);
  waiting_.push_back({datagram, std::move(answered)});
  waiting_.back().datagram.text = {};
  wait(std::prev(waiting_.end()));
}

void DatagramServer::wait(std::list<Waiting>::iterator one) {
  one->answer.wait([this, one] {
    if (one->answer.is_waiting()) return wait(one);
    answer_to(one->datagram, one->answer);
    waiting_.erase(one);
  });
}

void DatagramServer::answer_to(const Datagram& datagram, Answer& answered) {
  int most = 0;
  socklen_t size = sizeof most;
  ::getsockopt(socket_.fd(), SOL_SOCKET, SO_SNDBUF, &most, &size);
  std::string text;
  if (!answered.all(text, static_cast<std::size_t>(most))) {
    text = error_text({CommandError::kServerError,
                       "the answer does not fit into a datagram, a stream socket takes it"});
  }
  send(datagram, text);
}

void DatagramServer::send(const Datagram& to, std::string_view text) {
  if (text.empty() || to.from_size <= offsetof(sockaddr_un, sun_path)) return;
  const auto send_text = [&](std::string_view what) {
    return ::sendto(socket_.fd(), what.data(), what.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                    reinterpret_cast<const sockaddr*>(&to.from), to.from_size) >= 0;
  };
  if (send_text(text)) return;
  if (errno == EMSGSIZE || errno == ENOBUFS || errno == ENOMEM) {
    const auto error = fmt::format(
        "the answer has {} bytes, too many for a datagram, a stream socket takes it", text.size());
    if (send_text(error_text({CommandError::kServerError, error}))) return;
  }
  static base::RateLimit limit{10s};
  base::log_limited(limit, base::LogLevel::warn, "{}: cannot answer a client: {}", socket_.path(),
                    std::strerror(errno));
}

}  // namespace opensips::manage
