#include "l0_transport/file_descriptor.hh"

#include <sys/socket.h>
#include <unistd.h>

namespace opensips::transport {

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) ::close(fd_);
}

base::Address local_address(const FileDescriptor& fd) {
  sockaddr_storage raw{};
  socklen_t size = sizeof raw;
  ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&raw), &size);
  return base::Address(reinterpret_cast<const sockaddr*>(&raw));
}

}  // namespace opensips::transport
