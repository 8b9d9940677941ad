#include "manage/fifo_server.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include "base/clock.hh"
#include "base/log.hh"

namespace opensips::manage {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kReadSize = 65536;
constexpr std::size_t kPieceSize = 65536;
constexpr std::size_t kSentPerTurn = 1 << 20;
constexpr std::size_t kMaxName = 255;
constexpr auto kStalled = 2s;              // of a request that was begun
constexpr auto kRetry = 20ms;              // until the client has opened its FIFO
constexpr std::uint64_t kPatience = 5000;  // ms without any progress

template <class... Args>
void complain(fmt::format_string<Args...> format, Args&&... args) {
  static base::RateLimit limit{10s};
  base::log_limited(limit, base::LogLevel::warn, format, std::forward<Args>(args)...);
}

}  // namespace

bool FifoLine::parse(std::string_view line) {
  reply_to = {};
  request = line;
  if (!line.starts_with(':')) return true;
  const auto end = line.find(':', 1);
  if (end == std::string_view::npos) return false;
  reply_to = line.substr(1, end - 1);
  request = line.substr(end + 1);
  const auto is_plain = [](char c) { return c != '/' && c > ' ' && c != '\x7f'; };
  return reply_to.size() <= kMaxName && !reply_to.starts_with('.') &&
         std::ranges::all_of(reply_to, is_plain);
}

/// An answer on its way into the FIFO of a client, who opens it when the request is written.
class FifoServer::Reply {
 public:
  Reply(FifoServer& server, std::string path, Answer answer)
      : server_(server), path_(std::move(path)), answer_(std::move(answer)) {
    begin();
  }

 private:
  void begin() {
    if (answer_.is_waiting()) return answer_.wait([this] { begin(); });
    since_ = base::monotonic_ms();
    next_ = server_.control_.after(0ms, [this] { open(); });
  }

  void open() {
    Descriptor fifo(::open(path_.c_str(), O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
    if (!fifo && errno == ENXIO) return wait([this] { open(); });
    if (!fifo) return fail(std::strerror(errno));
    struct stat status {};
    if (::fstat(fifo.fd(), &status) != 0 || !S_ISFIFO(status.st_mode)) return fail("no FIFO");
    if (!server_.access_.permits(status.st_uid, status.st_gid)) return fail("of another user");
    fifo_ = std::move(fifo);
    since_ = base::monotonic_ms();
    write_some();
  }

  void write_some() {
    for (std::size_t total = 0; total < kSentPerTurn;) {
      while (!answer_.empty() && out_.size() < kPieceSize) {
        answer_.next(out_);
        if (answer_.empty()) out_ += '\n';
      }
      if (out_.empty()) return server_.end(*this);
      const auto size = ::write(fifo_.fd(), out_.data() + sent_, out_.size() - sent_);
      if (size < 0 && errno != EAGAIN && errno != EINTR) return fail(std::strerror(errno));
      if (size < 0) break;
      since_ = base::monotonic_ms();
      total += static_cast<std::size_t>(size);
      sent_ += static_cast<std::size_t>(size);
      if (sent_ == out_.size()) {
        out_.clear();
        sent_ = 0;
      }
    }
    wait([this] { write_some(); });
  }

  /// Looked at again from time to time: of a FIFO without room an event says nothing until a whole
  /// page is free, and of one without a reader nothing at all.
  void wait(std::function<void()> then) {
    if (base::monotonic_ms() - since_ > kPatience) return fail("nobody reads it");
    next_ = server_.control_.after(fifo_ ? 1ms : kRetry, std::move(then));
  }

  void fail(std::string_view why) {
    complain("{}: cannot answer: {}", path_, why);
    server_.end(*this);
  }

  FifoServer& server_;
  const std::string path_;
  Answer answer_;
  std::string out_;
  std::size_t sent_ = 0;
  std::uint64_t since_ = 0;  // when it last got on
  Descriptor fifo_;
  loop::Control::Watch next_;
};

FifoServer::FifoServer(loop::Control& control, const Commands& commands, const Access& access,
                       SocketFile fifo, std::string reply_directory)
    : control_(control),
      commands_(commands),
      access_(access),
      fifo_(std::move(fifo)),
      reply_directory_(std::move(reply_directory)) {
  watch();
}

FifoServer::~FifoServer() = default;

void FifoServer::watch() {
  watch_ = control_.on_readable(fifo_.fd(), [this] { read_some(); });
}

void FifoServer::read_some() {
  std::array<char, kReadSize> bytes;
  const auto size = ::read(fifo_.fd(), bytes.data(), bytes.size());
  if (size < 0) return;
  if (size > 0) {
    requests_.feed({bytes.data(), static_cast<std::size_t>(size)});
    return serve_all();
  }
  // All who wrote have closed it: what they left is a request without a line's end. Opened anew, it
  // can be waited for again.
  requests_.finish();
  serve_all();
  requests_ = {};
  stalled_ = {};
  watch_ = {};
  if (fifo_.reopen()) return watch();
  base::log_error("{}: {}; it is given up", fifo_.path(), std::strerror(errno));
}

void FifoServer::serve_all() {
  while (const auto line = requests_.next()) serve(*line);
  stalled_ = {};
  if (requests_.is_too_long()) {
    complain("{}: a request is too long", fifo_.path());
    requests_.skip_line();
  } else if (requests_.is_unfinished()) {
    // What others write would go on where it ends.
    stalled_ = control_.after(kStalled, [this] {
      complain("{}: a request does not end", fifo_.path());
      requests_ = {};
    });
  }
}

void FifoServer::serve(std::string_view text) {
  FifoLine line;
  if (!line.parse(text)) return complain("{}: bad name of a reply FIFO", fifo_.path());
  auto answered = answer(commands_, line.request);
  if (line.reply_to.empty() || answered.empty()) return;
  reply(line.reply_to, std::move(answered));
}

void FifoServer::reply(std::string_view name, Answer answered) {
  if (replies_.size() == kMaxReplies) {
    return complain("{}: an answer is dropped, {} wait for their readers", fifo_.path(),
                    kMaxReplies);
  }
  auto path = reply_directory_ + "/";
  path += name;
  replies_.push_back(std::make_unique<Reply>(*this, std::move(path), std::move(answered)));
}

/// It is in the middle of something: it goes when that has returned.
void FifoServer::end(Reply& reply) {
  for (auto at = replies_.begin(); at != replies_.end(); ++at) {
    if (at->get() != &reply) continue;
    control_.defer([gone = std::move(*at)] {});
    replies_.erase(at);
    return;
  }
}

}  // namespace opensips::manage
