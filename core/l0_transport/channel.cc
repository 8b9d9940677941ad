#include "l0_transport/channel.hh"

#include <sys/socket.h>

#include <cerrno>

namespace opensips::transport {

Channel::Written send_to(int fd, std::span<const iovec> what) {
  using Outcome = Channel::Written::Outcome;
  constexpr int kFlags = MSG_NOSIGNAL | MSG_DONTWAIT;
  msghdr header{};
  header.msg_iov = const_cast<iovec*>(what.data());
  header.msg_iovlen = what.size();
  for (;;) {
    const ssize_t size = what.size() == 1 ? ::send(fd, what[0].iov_base, what[0].iov_len, kFlags)
                                          : ::sendmsg(fd, &header, kFlags);
    if (size >= 0) return {Outcome::some, static_cast<std::size_t>(size)};
    if (errno == EAGAIN || errno == EWOULDBLOCK) return {Outcome::blocked};
    if (errno != EINTR) return {Outcome::failed};
  }
}

Channel::Read receive_from(int fd, std::span<char> into) {
  using End = Channel::Read::End;
  const ssize_t size = ::recv(fd, into.data(), into.size(), MSG_DONTWAIT);
  if (size > 0) return {static_cast<std::size_t>(size)};
  if (size == 0) return {0, End::closed};
  const bool again = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
  return {0, again ? End::none : End::failed};
}

Channel::Read PlainChannel::read(std::span<char> into) {
  return receive_from(fd(), into);
}

Channel::Written PlainChannel::write(std::span<const iovec> what) {
  return send_to(fd(), what);
}

}  // namespace opensips::transport
