#include "manage/stream_server.hh"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "base/clock.hh"
#include "base/log.hh"
#include "manage/request_cutter.hh"
#include "manage/rpc.hh"

namespace opensips::manage {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kReadSize = 65536;
constexpr std::size_t kPieceSize = 65536;      // of an answer, gathered before it is sent
constexpr std::size_t kSentPerTurn = 1 << 20;  // to one client, before the others have their turn
constexpr std::size_t kMostTold = 1 << 20;     // of lines beside the answers that it has not read
constexpr unsigned kAcceptsPerTurn = 16;
constexpr std::uint64_t kIdleMs = 600'000;  // nothing asked for
constexpr std::uint64_t kStuckMs = 30'000;  // a request not ended, an answer not read
constexpr auto kSweep = 1s;
constexpr auto kAcceptPause = 1s;

/// A few bytes to a client that gets no more.
void say(int fd, std::string_view message) {
  const auto text = error_text({CommandError::kServerError, std::string(message)}) + "\n";
  ::send(fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace

/// One client. It reads the next request when the answer to the last one has gone.
class StreamServer::Connection final : public Client {
 public:
  Connection(StreamServer& server, Descriptor descriptor)
      : server_(server), descriptor_(std::move(descriptor)), since_(base::monotonic_ms()) {
    read_more();
  }

  /// Whether it has had its time.
  bool is_late(std::uint64_t now) const {
    if (answer_.is_waiting()) return false;
    if (is_sending() || requests_.is_unfinished()) return now - since_ > kStuckMs;
    return !listens_ && now - since_ > kIdleMs;
  }

  /// It waits for the end of the answer that is on its way.
  bool tell(std::string_view line) override {
    listens_ = true;
    if (told_.size() + line.size() > kMostTold) return false;
    if (!is_sending()) since_ = base::monotonic_ms();
    told_.append(line).append(1, '\n');
    if (!is_sending()) work();
    return true;
  }

 private:
  bool is_sending() const { return sent_ < out_.size() || !answer_.empty(); }

  void read_more() {
    writable_ = {};
    readable_ = server_.control_.on_readable(descriptor_.fd(), [this] { read_some(); });
  }

  void read_some() {
    std::array<char, kReadSize> bytes;
    const auto size = ::recv(descriptor_.fd(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (size < 0) {
      if (errno != EAGAIN && errno != EINTR) server_.end(*this);
      return;
    }
    if (!requests_.is_unfinished()) since_ = base::monotonic_ms();
    if (size == 0) requests_.finish();
    at_end_ = size == 0;
    requests_.feed({bytes.data(), static_cast<std::size_t>(size)});
    work();
  }

  /// Answers what has come, as far as the client takes it.
  void work() {
    for (std::size_t sent_before = 0;;) {
      if (answer_.is_waiting()) return wait_for_answer();
      while (!answer_.empty() && out_.size() < kPieceSize) {
        answer_.next(out_);
        if (answer_.empty()) out_ += '\n';
      }
      if (out_.empty()) out_ = std::exchange(told_, {});
      if (!out_.empty()) {
        if (sent_before > kSentPerTurn || !send_some(sent_before)) return wait_for_reader();
        continue;
      }
      const auto request = requests_.next();
      if (!request) break;
      answer_ = answer(server_.commands_, *request, this);
    }
    if (requests_.is_too_long()) {
      say(descriptor_.fd(), "the request is too long");
      return server_.end(*this);
    }
    if (at_end_) return server_.end(*this);
    read_more();
  }

  /// False if the client does not take it now.
  bool send_some(std::size_t& total) {
    const auto size = ::send(descriptor_.fd(), out_.data() + sent_, out_.size() - sent_,
                             MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size < 0) {
      if (errno == EAGAIN || errno == EINTR) return false;
      gone_ = true;
      return false;
    }
    since_ = base::monotonic_ms();
    total += static_cast<std::size_t>(size);
    sent_ += static_cast<std::size_t>(size);
    if (sent_ == out_.size()) {
      out_.clear();
      sent_ = 0;
    }
    return true;
  }

  /// What else the client says meanwhile waits, and that it has gone is seen then.
  void wait_for_answer() {
    readable_ = {};
    writable_ = {};
    answer_.wait([this] {
      since_ = base::monotonic_ms();
      work();
    });
  }

  void wait_for_reader() {
    if (gone_) return server_.end(*this);
    readable_ = {};
    writable_ = server_.control_.on_writable(descriptor_.fd(), [this] { work(); });
  }

  StreamServer& server_;
  Descriptor descriptor_;
  RequestCutter requests_;
  Answer answer_;     // what of it is not in out_ yet
  std::string out_;   // on its way
  std::string told_;  // lines that no answer is, until there is room
  bool listens_ = false;
  std::size_t sent_ = 0;
  std::uint64_t since_;  // when it last got on
  bool at_end_ = false;
  bool gone_ = false;
  loop::Control::Watch readable_;
  loop::Control::Watch writable_;
};

StreamServer::StreamServer(loop::Control& control, const Commands& commands, const Access& access,
                           SocketFile socket)
    : control_(control), commands_(commands), access_(access), socket_(std::move(socket)) {
  listen();
}

StreamServer::~StreamServer() = default;

void StreamServer::listen() {
  watch_ = control_.on_readable(socket_.fd(), [this] { accept_some(); });
}

void StreamServer::accept_some() {
  for (unsigned i = 0; i < kAcceptsPerTurn; ++i) {
    Descriptor descriptor(::accept4(socket_.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (descriptor) {
      admit(std::move(descriptor));
      continue;
    }
    if (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR) return;
    // No descriptor is free: to try again at once would be all that this thread does.
    base::log_warn("{}: {}", socket_.path(), std::strerror(errno));
    watch_ = control_.after(kAcceptPause, [this] { listen(); });
    return;
  }
}

void StreamServer::admit(Descriptor descriptor) {
  static base::RateLimit limit{10s};
  ucred peer{};
  socklen_t size = sizeof peer;
  const bool known = ::getsockopt(descriptor.fd(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0;
  if (!known || !access_.permits(peer.uid, peer.gid)) {
    base::log_limited(limit, base::LogLevel::warn, "{}: refused a client of user {}",
                      socket_.path(), peer.uid);
    return say(descriptor.fd(), "this user may not");
  }
  if (connections_.size() == kMaxConnections) {
    base::log_limited(limit, base::LogLevel::warn, "{}: refused a client, there are {}",
                      socket_.path(), kMaxConnections);
    return say(descriptor.fd(), "too many connections");
  }
  connections_.push_back(std::make_unique<Connection>(*this, std::move(descriptor)));
  if (!sweeper_) sweeper_ = control_.every(kSweep, [this] { sweep(); });
}

void StreamServer::sweep() {
  const auto now = base::monotonic_ms();
  connections_.remove_if([now](const auto& connection) { return connection->is_late(now); });
  if (connections_.empty()) sweeper_ = {};
}

/// It may be in the middle of something: it goes when that has returned.
void StreamServer::end(Connection& connection) {
  for (auto at = connections_.begin(); at != connections_.end(); ++at) {
    if (at->get() != &connection) continue;
    control_.defer([gone = std::move(*at)] {});
    connections_.erase(at);
    return;
  }
}

}  // namespace opensips::manage
