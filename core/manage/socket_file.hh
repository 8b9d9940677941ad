#pragma once

#include <sys/types.h>

#include <expected>
#include <string>
#include <utility>

#include "manage/access.hh"

namespace opensips::manage {

/// A descriptor, closed with this object.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  explicit operator bool() const { return fd_ >= 0; }
  int fd() const { return fd_; }

 private:
  int fd_ = -1;
};

/// A Unix socket or a FIFO of ours in the file system. What an earlier server left behind is
/// replaced, what a living one listens on is not, and what is neither a socket nor a FIFO stays
/// untouched. The file goes with this object, unless another has taken its place.
class SocketFile {
 public:
  /// A bound socket of `type` (SOCK_STREAM, SOCK_DGRAM); one for streams listens. Non-blocking.
  static std::expected<SocketFile, std::string> bind(const std::string& path, int type,
                                                     const Access& access);
  /// A FIFO, open for reading, non-blocking.
  static std::expected<SocketFile, std::string> make_fifo(const std::string& path,
                                                          const Access& access);
  SocketFile(SocketFile&& other) noexcept;
  SocketFile& operator=(SocketFile&&) = delete;
  ~SocketFile();

  int fd() const { return descriptor_.fd(); }
  const std::string& path() const { return path_; }

  /// Of a FIFO: opens it anew, without a moment in which nobody reads it: what waits in it stays.
  /// False if it is not there any more.
  bool reopen();

 private:
  SocketFile(Descriptor descriptor, std::string path);

  Descriptor descriptor_;
  std::string path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace opensips::manage
