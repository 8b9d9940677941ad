#include "daemon.hh"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <utility>

namespace opensips {

Daemon::~Daemon() {
  if (!pid_file_.empty()) ::unlink(pid_file_.c_str());
}

void Daemon::detach() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) std::abort();
  const pid_t child = ::fork();
  if (child < 0) std::abort();
  if (child > 0) {
    ::close(ends[1]);
    char word = 0;
    const bool good = ::read(ends[0], &word, 1) == 1;
    std::_Exit(good ? 0 : 1);
  }
  ::close(ends[0]);
  tell_parent_ = ends[1];
  ::setsid();
}

std::expected<void, std::string> Daemon::ready(const std::string& pid_file) {
  if (!pid_file.empty()) {
    std::ofstream file(pid_file);
    file << ::getpid() << '\n';
    if (!file.flush()) return std::unexpected(pid_file + ": " + std::strerror(errno));
    pid_file_ = pid_file;
  }
  if (tell_parent_ < 0) return {};
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(null, fd);
  const char word = 1;
  const bool told = ::write(tell_parent_, &word, 1) == 1;
  ::close(std::exchange(tell_parent_, -1));
  if (!told) return std::unexpected(std::string("the process that started this one is gone"));
  return {};
}

}  // namespace opensips
