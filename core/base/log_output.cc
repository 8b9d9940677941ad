#include "base/log_output.hh"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstring>
#include <ctime>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace opensips::base {
namespace {

constexpr int kPatienceMs = 200;  // how long one line waits for a reader before it is given up

std::atomic<bool> reopen_wanted{false};

}  // namespace

void log_reopen() noexcept {
  reopen_wanted.store(true);
}

bool StderrOutput::write(std::string_view stamped, std::string_view /*text*/, int /*priority*/) {
  if (std::exchange(torn_, false) && !piece("\n")) {
    torn_ = true;
    return false;
  }
  bool begun = false;
  while (!stamped.empty()) {
    const auto taken = piece(stamped.substr(0, PIPE_BUF));
    if (!taken) {
      torn_ = begun;
      return false;
    }
    begun = true;
    stamped.remove_prefix(*taken);
  }
  return true;
}

std::optional<std::size_t> StderrOutput::piece(std::string_view bytes) {
  pollfd ready{STDERR_FILENO, POLLOUT, 0};
  if (::poll(&ready, 1, stuck_ ? 0 : kPatienceMs) <= 0) {
    stuck_ = true;
    return std::nullopt;
  }
  stuck_ = false;
  const ssize_t n = ::write(STDERR_FILENO, bytes.data(), bytes.size());
  if (n <= 0) return std::nullopt;
  return static_cast<std::size_t>(n);
}

FileOutput::FileOutput(std::string path) : path_(std::move(path)) {
  open();
}

FileOutput::~FileOutput() {
  close();
}

bool FileOutput::write(std::string_view stamped, std::string_view /*text*/, int /*priority*/) {
  if (reopen_wanted.exchange(false)) open();
  if (fd_ < 0 && !open()) return false;
  if (std::exchange(torn_, false) && ::write(fd_, "\n", 1) != 1) {
    torn_ = true;
    return false;
  }
  bool begun = false;
  while (!stamped.empty()) {
    const ssize_t n = ::write(fd_, stamped.data(), stamped.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      torn_ = begun;
      return false;
    }
    begun = true;
    stamped.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

bool FileOutput::open() {
  close();
  // Not to wait for the reader of a FIFO is all that O_NONBLOCK does here.
  fd_ = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
               0640);
  return fd_ >= 0;
}

void FileOutput::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

SyslogOutput::SyslogOutput(const LogOptions& options)
    : path_(options.syslog_socket),
      ident_(options.syslog_ident),
      facility_(options.syslog_facility) {}

SyslogOutput::~SyslogOutput() {
  close();
}

bool SyslogOutput::write(std::string_view /*stamped*/, std::string_view text, int priority) {
  if (fd_ < 0 && !connect()) return false;
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  ::localtime_r(&now, &local);
  std::array<char, 32> stamp{};
  std::strftime(stamp.data(), stamp.size(), "%b %e %H:%M:%S", &local);
  line_.clear();
  fmt::format_to(std::back_inserter(line_), "<{}>{} {}[{}]: {}", facility_ | priority, stamp.data(),
                 ident_, ::getpid(), text);
  return send();
}

bool SyslogOutput::send() {
  pollfd ready{fd_, POLLOUT, 0};
  stuck_ = ::poll(&ready, 1, stuck_ ? 0 : kPatienceMs) <= 0;
  if (stuck_) return false;
  if (::send(fd_, line_.data(), line_.size(), MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) return true;
  if (errno != EAGAIN && errno != ENOBUFS && errno != EMSGSIZE) close();
  return false;
}

bool SyslogOutput::connect() {
  sockaddr_un peer{};
  peer.sun_family = AF_UNIX;
  if (path_.size() >= sizeof peer.sun_path) return false;
  std::memcpy(peer.sun_path, path_.data(), path_.size());
  fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return false;
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&peer), sizeof peer) == 0) return true;
  close();
  return false;
}

void SyslogOutput::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

std::optional<int> syslog_facility(std::string_view name) noexcept {
  struct Facility {
    std::string_view name;
    int number;
  };
  static constexpr std::array<Facility, 19> kFacilities{{{"LOG_AUTH", LOG_AUTH},
                                                         {"LOG_AUTHPRIV", LOG_AUTHPRIV},
                                                         {"LOG_CRON", LOG_CRON},
                                                         {"LOG_DAEMON", LOG_DAEMON},
                                                         {"LOG_FTP", LOG_FTP},
                                                         {"LOG_LPR", LOG_LPR},
                                                         {"LOG_MAIL", LOG_MAIL},
                                                         {"LOG_NEWS", LOG_NEWS},
                                                         {"LOG_SYSLOG", LOG_SYSLOG},
                                                         {"LOG_USER", LOG_USER},
                                                         {"LOG_UUCP", LOG_UUCP},
                                                         {"LOG_LOCAL0", LOG_LOCAL0},
                                                         {"LOG_LOCAL1", LOG_LOCAL1},
                                                         {"LOG_LOCAL2", LOG_LOCAL2},
                                                         {"LOG_LOCAL3", LOG_LOCAL3},
                                                         {"LOG_LOCAL4", LOG_LOCAL4},
                                                         {"LOG_LOCAL5", LOG_LOCAL5},
                                                         {"LOG_LOCAL6", LOG_LOCAL6},
                                                         {"LOG_LOCAL7", LOG_LOCAL7}}};
  for (const auto& facility : kFacilities) {
    if (facility.name == name) return facility.number;
  }
  return std::nullopt;
}

}  // namespace opensips::base
