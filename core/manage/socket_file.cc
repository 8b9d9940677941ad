#include "manage/socket_file.hh"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fmt/format.h>

namespace opensips::manage {

namespace {

constexpr int kBacklog = 128;
constexpr int kFlags = O_NONBLOCK | O_CLOEXEC;

std::unexpected<std::string> failure(const std::string& path, std::string_view what) {
  return std::unexpected(fmt::format("{}: {}", path, what));
}
std::unexpected<std::string> failure(const std::string& path) {
  return failure(path, std::strerror(errno));
}

/// While it lives no other server looks at the files of this directory or makes one: of two that
/// start at a time, each finding what an earlier one left, the second must not remove the first's.
class DirectoryLock {
 public:
  explicit DirectoryLock(const std::string& path) {
    auto directory = std::filesystem::path(path).parent_path();
    if (directory.empty()) directory = ".";
    descriptor_ = Descriptor(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (descriptor_) ::flock(descriptor_.fd(), LOCK_EX);
  }

 private:
  Descriptor descriptor_;
};

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

Descriptor new_socket(int type) {
  return Descriptor(::socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

/// Whether a process listens on the file, which is a socket or a FIFO.
bool is_alive(const std::string& path, mode_t mode) {
  if (S_ISFIFO(mode)) {
    return static_cast<bool>(Descriptor(::open(path.c_str(), O_WRONLY | kFlags)));
  }
  const auto address = address_of(path);
  for (const int type : {SOCK_STREAM, SOCK_DGRAM}) {
    const auto probe = new_socket(type);
    if (::connect(probe.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
      return true;
    }
    // Of another type, or there but busy, or not ours to ask: somebody's.
    if (errno != ECONNREFUSED && errno != EPROTOTYPE) return errno != ENOENT;
  }
  return false;
}

/// Makes room for a file of ours.
std::expected<void, std::string> clear(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return failure(path);
  }
  if (!S_ISSOCK(status.st_mode) && !S_ISFIFO(status.st_mode)) {
    return failure(path, "exists, and is neither a socket nor a FIFO");
  }
  if (is_alive(path, status.st_mode)) return failure(path, "in use by another server");
  if (::unlink(path.c_str()) != 0) return failure(path);
  return {};
}

std::expected<void, std::string> give(const std::string& path, const Access& access) {
  const auto nobody = static_cast<uid_t>(-1);
  if (access.user || access.group) {
    if (::chown(path.c_str(), access.user.value_or(nobody), access.group.value_or(nobody)) != 0) {
      return failure(path);
    }
  }
  if (::chmod(path.c_str(), access.mode) != 0) return failure(path);
  return {};
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

std::expected<SocketFile, std::string> SocketFile::bind(const std::string& path, int type,
                                                        const Access& access) {
  const auto address = address_of(path);
  if (path.size() >= sizeof address.sun_path) {
    return failure(
        path, fmt::format("longer than {} bytes, as no socket's name is", sizeof address.sun_path));
  }
  const DirectoryLock lock(path);
  if (auto cleared = clear(path); !cleared) return std::unexpected(cleared.error());
  auto socket = new_socket(type);
  // The file is made with the mode of the socket: nobody else's at any moment.
  ::fchmod(socket.fd(), 0600);
  if (::bind(socket.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return failure(path);
  }
  SocketFile file(std::move(socket), path);
  if (auto given = give(path, access); !given) return std::unexpected(given.error());
  if (type == SOCK_STREAM && ::listen(file.fd(), kBacklog) != 0) return failure(path);
  return file;
}

std::expected<SocketFile, std::string> SocketFile::make_fifo(const std::string& path,
                                                             const Access& access) {
  const DirectoryLock lock(path);
  if (auto cleared = clear(path); !cleared) return std::unexpected(cleared.error());
  if (::mkfifo(path.c_str(), 0600) != 0) return failure(path);
  SocketFile file(Descriptor(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | kFlags)), path);
  if (file.fd() < 0) return failure(path);
  if (auto given = give(path, access); !given) return std::unexpected(given.error());
  return file;
}

SocketFile::SocketFile(Descriptor descriptor, std::string path)
    : descriptor_(std::move(descriptor)), path_(std::move(path)) {
  struct stat status {};
  if (::lstat(path_.c_str(), &status) != 0) return;
  device_ = status.st_dev;
  inode_ = status.st_ino;
}

SocketFile::SocketFile(SocketFile&& other) noexcept
    : descriptor_(std::move(other.descriptor_)),
      path_(std::exchange(other.path_, {})),
      device_(other.device_),
      inode_(other.inode_) {}

SocketFile::~SocketFile() {
  struct stat status {};
  if (path_.empty() || ::lstat(path_.c_str(), &status) != 0) return;
  if (status.st_dev == device_ && status.st_ino == inode_) ::unlink(path_.c_str());
}

bool SocketFile::reopen() {
  Descriptor fresh(::open(path_.c_str(), O_RDONLY | O_NOFOLLOW | kFlags));
  if (!fresh) return false;
  descriptor_ = std::move(fresh);
  return true;
}

}  // namespace opensips::manage
