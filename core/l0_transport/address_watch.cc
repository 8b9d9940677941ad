#include "l0_transport/address_watch.hh"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/log.hh"

namespace opensips::transport {

namespace {

/// A socket that hears of addresses that come and go, and of interfaces that go up and down.
FileDescriptor open_netlink() {
  FileDescriptor fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE));
  sockaddr_nl groups{};
  groups.nl_family = AF_NETLINK;
  groups.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
  if (fd && ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&groups), sizeof groups) != 0) {
    return FileDescriptor();
  }
  return fd;
}

}  // namespace

AddressWatch::AddressWatch(loop::Control& control, std::function<void()> changed)
    : changed_(std::move(changed)), fd_(open_netlink()) {
  if (!fd_) {
    base::log_notice(
        "addresses that come and go get no sockets: the kernel tells of none: "
        "{}",
        std::strerror(errno));
    return;
  }
  watch_ = control.on_readable(fd_.get(), [this] { on_readable(); });
}

/// What the messages say is not looked at. Too many for the buffer (ENOBUFS) are a change too.
void AddressWatch::on_readable() {
  std::array<char, 8192> message;
  for (;;) {
    const auto got = ::recv(fd_.get(), message.data(), message.size(), MSG_DONTWAIT);
    if (got < 0 && errno != ENOBUFS && errno != EINTR) break;
  }
  changed_();
}

}  // namespace opensips::transport
