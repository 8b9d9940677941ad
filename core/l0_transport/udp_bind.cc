#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "l0_transport/udp_socket.hh"

namespace opensips::transport {

namespace {

FileDescriptor open_socket(const base::Address& address) {
  const int family = address.raw()->sa_family;
  FileDescriptor fd(::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  // [::] is for IPv6 alone: IPv4 has its own socket lines.
  if (fd && family == AF_INET6) setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  // What ICMP says of a datagram is kept for whoever sent it: udp_errors.
  const bool v6 = family == AF_INET6;
  if (fd)
    setsockopt(fd.get(), v6 ? SOL_IPV6 : SOL_IP, v6 ? IPV6_RECVERR : IP_RECVERR, &on, sizeof on);
  return fd;
}

bool bind_to(const FileDescriptor& fd, const base::Address& address) {
  return ::bind(fd.get(), address.raw(), address.raw_size()) == 0;
}

std::unexpected<std::string> failure(const char* what, const base::Address& address) {
  return std::unexpected(std::string("cannot ") + what + " udp:" + address.to_string() + ": " +
                         std::strerror(errno));
}

void set_buffers(const FileDescriptor& fd, const UdpOptions& options) {
  // FORCE works beyond the system's limit, for who may; the other does what it can.
  const auto set = [&](int forced, int plain, int bytes) {
    if (bytes <= 0) return;
    if (setsockopt(fd.get(), SOL_SOCKET, forced, &bytes, sizeof bytes) == 0) return;
    setsockopt(fd.get(), SOL_SOCKET, plain, &bytes, sizeof bytes);
  };
  set(SO_RCVBUFFORCE, SO_RCVBUF, options.receive_buffer);
  set(SO_SNDBUFFORCE, SO_SNDBUF, options.send_buffer);
}

}  // namespace

std::expected<std::vector<FileDescriptor>, std::string> bind_udp(const base::Address& wanted,
                                                                 unsigned count,
                                                                 const UdpOptions& options) {
  auto address = wanted;
  {
    const auto probe = open_socket(address);
    if (!probe) return failure("open a socket for", address);
    if (!bind_to(probe, address)) return failure("bind", address);
    address.set_port(local_address(probe).port());
  }
  std::vector<FileDescriptor> all;
  for (unsigned i = 0; i < count; ++i) {
    auto fd = open_socket(address);
    if (!fd) return failure("open a socket for", address);
    const int on = 1;
    setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    set_buffers(fd, options);
    if (!bind_to(fd, address)) return failure("bind", address);
    all.push_back(std::move(fd));
  }
  return all;
}

}  // namespace opensips::transport
