#include "base/read_file.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fmt/format.h>

namespace opensips::base {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 16;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

std::unexpected<ReadError> system_error(int error) {
  return std::unexpected(ReadError{error == ENOENT, std::generic_category().message(error)});
}

}  // namespace

std::expected<std::string, ReadError> read_file(const std::string& path, std::size_t most) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.get() < 0) return system_error(errno);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return system_error(errno);
  if (!S_ISREG(info.st_mode)) return std::unexpected(ReadError{false, "Not a regular file"});
  std::string text;
  text.reserve(std::min(most, static_cast<std::size_t>(info.st_size)) + 1);
  while (text.size() <= most) {
    const std::size_t size = text.size();
    text.resize(size + std::min(kPiece, most + 1 - size));
    const ssize_t n = ::read(file.get(), text.data() + size, text.size() - size);
    text.resize(size + static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error(errno);
    if (n == 0) return text;
  }
  return std::unexpected(ReadError{false, fmt::format("Larger than {} bytes", most)});
}

}  // namespace opensips::base
